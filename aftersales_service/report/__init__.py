from . import aftersales_certificate
from . import aftersales_certificate_picking
