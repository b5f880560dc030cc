from . import parts_cost
from . import portal_returns
