from . import aftersales_complaint_request
from . import aftersales_performance_reopen
from . import aftersales_complaint_move
from . import aftersales_nonconformity_step
from . import aftersales_card_note
from . import aftersales_sanction_step
