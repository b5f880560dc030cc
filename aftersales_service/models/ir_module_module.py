from odoo import models

PREFIX = "aftersales_"


class IrModuleModule(models.Model):
    """The floors of after-sales leave one by one, the top one first."""

    _inherit = "ir.module.module"

    def button_immediate_uninstall(self):
        # PostgreSQL holds a lock on whatever is dropped until the transaction ends.
        # Those of all floors together are more than a server has room for by default.
        leaving = self | self.downstream_dependencies()
        floors = leaving.filtered(
            lambda module: module.name.startswith(PREFIX)
            and module.state == "installed"
        )
        floors = floors.sorted(lambda floor: len(floor.downstream_dependencies()))
        above = floors[:-1]
        for floor in above:
            # Models are made anew after each of them.
            floor = self.env[self._name].browse(floor.id)
            super(IrModuleModule, floor).button_immediate_uninstall()
        rest = self.env[self._name].browse((self - above).ids)
        return super(IrModuleModule, rest).button_immediate_uninstall()
