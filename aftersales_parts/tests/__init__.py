from . import test_chain, test_repeat, test_return, test_return_faults
from . import test_loan
from . import test_depot
from . import test_parts_plan_arithmetic
from . import test_cost_book
from . import test_return_exchange
from . import test_deadline_arithmetic
from . import test_workshop
from . import test_return_request, test_return_limit
from . import test_parts_plan
from . import test_delivery_day, test_delivery_visit
from . import test_refund, test_refund_money
from . import test_free_credit, test_remedy_change, test_return_rule
from . import test_return_exchange_pair
from . import test_return_exchange_first
from . import test_return_exchange_other
from . import test_hand_back
from . import test_portal_returns
from . import test_parts_cost
from . import test_job_parts
from . import test_old_part
from . import test_part_request
from . import test_parcel
from . import test_return_inspection
from . import test_return_receipt
