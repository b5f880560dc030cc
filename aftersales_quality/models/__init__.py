from . import (
    aftersales_action,
    aftersales_cause,
    aftersales_complaint,
    aftersales_nonconformity,
    aftersales_performance,
    aftersales_performance_line,
    aftersales_sanction,
    aftersales_setup,
    aftersales_supplier_claim,
    aftersales_supplier_claim_line,
    res_company,
)
