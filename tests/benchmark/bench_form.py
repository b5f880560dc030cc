"""The call that the web client makes to show one record."""

from lxml import etree

# Rows of a list inside a form that are read at first.
LIST_LIMIT = 40


class Form:
    """One form view, as a user opens it."""

    def __init__(self, model, view):
        self.model = model
        view = model.env.ref(view).sudo()
        found = model.get_views([(view.id, "form")])
        arch = etree.fromstring(found["views"]["form"]["arch"])
        self.specification = self._get_specification(model, arch)

    def _get_specification(self, model, arch):
        """Return what is read of the fields that stand directly in a view."""
        specification = {}
        for node in arch.iter("field"):
            if any(parent.tag == "field" for parent in self._get_parents(node, arch)):
                continue
            name = node.get("name")
            field = model._fields[name]
            specification.setdefault(name, {})
            if field.type == "many2one":
                specification[name] = {"fields": {"display_name": {}}}
            elif field.relational:
                inside = self._get_inside(model.env[field.comodel_name], node)
                specification[name] = {"fields": inside, "limit": LIST_LIMIT}
        return specification

    def _get_parents(self, node, arch):
        for parent in node.iterancestors():
            if parent is arch:
                break
            yield parent

    def _get_inside(self, comodel, node):
        """Return what is read of the rows of a list or of the cards of a board."""
        for kind in ("list", "kanban"):
            view = node.find(kind)
            if view is not None:
                return self._get_specification(comodel, view)
        return {"display_name": {}} if "tags" in (node.get("widget") or "") else {}

    def read(self, record):  # pylint: disable=method-required-super
        return record.with_context(bin_size=True).web_read(self.specification)
