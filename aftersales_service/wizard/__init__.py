from . import aftersales_ticket_request
from . import aftersales_ticket_step
from . import aftersales_registration_refuse
