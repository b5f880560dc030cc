from odoo import models


class AftersalesEdition(models.Model):
    """What the handbook prints, chapter by chapter (R11)."""

    _inherit = "aftersales.edition"

    def _get_chapters(self):
        """Return the chapters of the handbook in the order of the fault tree.

        :return: list of dicts ``number``, ``fault``, ``steps`` (dicts ``fault``,
            ``depth``, ``answer``) and ``solutions`` (dicts ``number``, ``solution``,
            ``path``, ``new``)
        """
        self.ensure_one()
        content = self._get_content()
        Fault = self.env["aftersales.fault"]
        company = [("company_id", "in", [False, self.company_id.id])]
        faults = Fault.search(company) | content.fault_id
        by_root = {}
        for solution in content:
            by_root.setdefault(solution.fault_id._get_root_id(), []).append(solution)
        answers = dict(Fault._fields["answer"]._description_selection(self.env))
        beneath = {}
        for fault in faults.sorted("tree_order"):
            beneath.setdefault(fault._get_root_id(), []).append(fault)
        chapters = []
        for root_id, members in beneath.items():
            number = len(chapters) + 1
            chapters.append(
                {
                    "number": number,
                    "fault": Fault.browse(root_id),
                    "steps": [
                        {
                            "fault": fault,
                            "depth": fault.parent_path.count("/") - 2,
                            "answer": answers.get(fault.answer),
                        }
                        for fault in members
                        if fault.id != root_id
                    ],
                    "solutions": self._number_solutions(
                        number, by_root.get(root_id, [])
                    ),
                }
            )
        return chapters

    def _number_solutions(self, number, solutions):
        ordered = sorted(solutions, key=lambda solution: solution.fault_id.tree_order)
        return [
            {
                "number": f"{number}.{index}",
                "solution": solution,
                "path": solution.fault_id.display_name,
                "new": solution.edition_id == self,
            }
            for index, solution in enumerate(ordered, 1)
        ]
