"""The calls that the web client makes to show a list, a board or an answer to a search."""

from lxml import etree

from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

LIST_LIMIT = 80
BOARD_LIMIT = 40
COUNT_LIMIT = 10001
# What the widget of activities adds to the fields of its view.
ACTIVITY_FIELDS = (
    "activity_exception_decoration",
    "activity_exception_icon",
    "activity_state",
    "activity_summary",
    "activity_type_icon",
    "activity_type_id",
)


class Screen:
    """The screens behind one menu of an add-on, as its user opens them."""

    def __init__(self, env, model, action):
        self.env = env
        self.model = env[model]
        action = env.ref(action).sudo()
        views = self.model.get_views(
            [
                (False, "list"),
                (False, "kanban"),
                (action.search_view_id.id, "search"),
            ]
        )["views"]
        self.list, self.board, self.search = (
            etree.fromstring(views[kind]["arch"])
            for kind in ("list", "kanban", "search")
        )
        # The filters that are on when the screen opens.
        defaults = safe_eval(action.context or "{}", {"uid": env.uid})
        self.domain = Domain.AND(
            Domain(safe_eval(node.get("domain"), {"uid": env.uid}))
            for node in self.search.iter("filter")
            if defaults.get(f"search_default_{node.get('name')}")
        )

    def _get_specification(self, arch):
        specification = {}
        for node in arch.iter("field"):
            name = node.get("name")
            field = self.model._fields[name]
            widget = node.get("widget") or ""
            specification.setdefault(name, {})
            if field.type == "many2one":
                specification[name] = {"fields": {"display_name": {}}}
            elif field.relational and widget.startswith("many2many_tags"):
                specification[name] = {"fields": {"display_name": {}}}
            elif widget in ("kanban_activity", "list_activity"):
                for extra in ACTIVITY_FIELDS:
                    specification[extra] = {}
        return specification

    def open_list(self, domain=None):
        """Read the first page of the list."""
        return self.model.with_context(bin_size=True).web_search_read(
            list(self.domain if domain is None else domain),
            self._get_specification(self.list),
            limit=LIST_LIMIT,
            order=self.list.get("default_order") or "",
            count_limit=COUNT_LIMIT,
        )

    @property
    def has_columns(self):
        return bool(self.board.get("default_group_by"))

    def open_board(self):
        """Read the columns of the board with their first cards and their bars."""
        domain = list(self.domain)
        column = self.board.get("default_group_by")
        model = self.model.with_context(read_group_expand=True)
        groups = model.web_read_group(
            domain,
            [column],
            order=self.board.get("default_order") or "",
            limit=LIST_LIMIT,
            auto_unfold=True,
            opening_info=[],
            unfold_read_specification=self._get_specification(self.board),
            unfold_read_default_limit=BOARD_LIMIT,
            groupby_read_specification={},
        )
        for bar in self.board.iter("progressbar"):
            model.read_progress_bar(
                domain,
                column,
                {
                    "field": bar.get("field"),
                    "colors": safe_eval(bar.get("colors")),
                    "help": None,
                },
            )
        return groups

    def find(self, text, everywhere=False):
        """Type a text into the search bar and press Enter.

        :param bool everywhere: take the filters away before
        """
        node = next(self.search.iter("field"))
        domain = Domain(
            safe_eval(node.get("filter_domain"), {"self": text, "uid": self.env.uid})
            if node.get("filter_domain")
            else [(node.get("name"), node.get("operator") or "ilike", text)]
        )
        return self.open_list(domain if everywhere else domain & self.domain)
