from . import evening_report
from . import import_template
from . import partner_file
from . import portal
from . import portal_tickets
from . import portal_units
from . import public_unit
from . import portal_estimates
