from . import test_guard
from . import (
    test_complaint_arithmetic,
    test_complaint_clock,
    test_complaint_people,
    test_complaint_steps,
)
from . import test_complaint_doors
from . import test_complaint_mail
from . import test_complaint_portal
from . import (
    test_performance_arithmetic,
    test_performance_money,
    test_performance_rights,
    test_performance_sheet,
)
from . import (
    test_supplier_arithmetic,
    test_supplier_claim,
    test_supplier_credit,
    test_supplier_scorecard,
)
from . import test_nonconformity
from . import test_containment
from . import test_archive, test_figures, test_report
from . import test_action
from . import test_analysis
from . import test_meeting
from . import test_pareto_arithmetic
from . import test_sanction, test_sanction_proposal, test_sanction_rights
from . import test_audit, test_clearance, test_opinion, test_product_feedback
