from . import portal_complaints
from . import public_card
