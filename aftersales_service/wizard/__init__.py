from . import aftersales_ticket_request
from . import aftersales_ticket_step
