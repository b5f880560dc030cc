from . import aftersales_return_step
