from . import aftersales_certificate
from . import aftersales_certificate_picking
from . import aftersales_dispatch_report
from . import aftersales_dispatch_order
from . import aftersales_dispatch_receipt
