import re
from itertools import pairwise

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import html2plaintext

# Published solutions looked at for one screen, the most used first.
MOST = 300
# Words of a symptom that are looked for in titles.
MOST_WORDS = 12
_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W\d_\u3400-\u9fff]+")
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff]")


class AftersalesSolution(models.Model):
    """Which solutions fit a case, best match first (R11)."""

    _inherit = "aftersales.solution"

    @api.model
    def _propose(self, cases, limit=8):
        """Return the published solutions that fit each case, best match first.

        In this order: those of the same fault, of what may cause it, of the fault
        above, of the product alone, and with the same words; among them those for
        just this product and the most used first. One query for all cases.

        :param cases: list of ``(company, product, faults, text)``; faults are those
            of one case, the surest first
        :param int limit: how many for each case
        :return: list of recordsets, one for each case
        """
        if not cases or not self.has_access("read"):
            return [self.browse() for _case in cases]
        domain = Domain.OR(self._get_case_domain(*case) for case in cases)
        if domain.is_false():
            return [self.browse() for _case in cases]
        found = self.search(Domain("state", "=", "published") & domain, limit=MOST)
        return [found._rank(*case)[:limit] for case in cases]

    @api.model
    def _get_case_domain(self, company, product, faults, text):
        near = Domain.OR(
            [
                Domain("fault_id", "child_of", faults.ids),
                Domain("fault_id", "parent_of", faults.ids),
            ]
            if faults
            else []
        )
        if product:
            near |= Domain("product_ids", "in", product.ids)
        if not faults:
            near |= Domain.OR(
                Domain("name", "ilike", word) for word in self._get_words(text)
            )
        return Domain("company_id", "=", company.id) & near

    @api.model
    def _get_words(self, text):
        """Return what is looked for in titles.

        Words of a script with spaces, pairs of characters of one without.
        """
        words = {}
        for word in _WORD.findall(text or ""):
            if word.isascii() or not _IDEOGRAPHS.match(word):
                if len(word) > 3:
                    words[word] = True
            else:
                words.update(dict.fromkeys(map("".join, pairwise(word)), True))
        return list(words)[:MOST_WORDS]

    def _rank(self, company, product, faults, text):
        """Return those that fit one case, best match first."""
        words = [word.lower() for word in self._get_words(text)]
        ranked = []
        for solution in self:
            if solution.company_id != company:
                continue
            fits = product and product in solution.product_ids
            if product and solution.product_ids and not fits:
                continue
            name = (solution.name or "").lower()
            hits = sum(word in name for word in words)
            near = solution._get_nearness(faults)
            if near is None:
                if not (fits or hits):
                    continue
                near = 3 if fits else 4
            # Sorting keeps the order of the search among equals: the most used first.
            ranked.append(((near, not fits, -hits), solution))
        ranked.sort(key=lambda pair: pair[0])
        return self.browse([solution.id for _key, solution in ranked])

    def _get_nearness(self, faults):
        """Return 0 for the same fault, 1 beneath it, 2 above it, None elsewhere."""
        # The place in the tree is for everybody who reads the solution.
        path = self.fault_id.sudo().parent_path or ""
        if not path:
            return None
        grades = []
        for fault in faults:
            other = fault.parent_path or "none"
            if fault == self.fault_id:
                grades.append(0)
            elif path.startswith(other):
                grades.append(1)
            elif other.startswith(path):
                grades.append(2)
        return min(grades, default=None)

    def _get_plain_text(self):
        """Return title and text as the resolution of a ticket."""
        self.ensure_one()
        text = html2plaintext(self.body or "", include_references=False).strip()
        return f"{self.name}\n{text}".strip()

    def action_apply(self):
        """Use a solution on the ticket it is shown on (context of the list).

        :raise UserError: as :meth:`aftersales.ticket.action_apply_solution`
        """
        self.ensure_one()
        ticket_id = self.env.context.get("aftersales_ticket_id")
        ticket = self.env["aftersales.ticket"].browse(ticket_id or [])
        return ticket.action_apply_solution(self.id)
