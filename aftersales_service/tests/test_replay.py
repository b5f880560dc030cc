from odoo.tests.common import BaseCase

from ..tools.replay import in_layers


class TestLayers(BaseCase):
    """Proves: what touches the same thing is never handled together, all else is."""

    def test_unrelated_events_go_together(self):
        events = [("a", {1}, ()), ("b", {2}, ()), ("c", (), {3})]
        self.assertEqual(in_layers(events), [["a", "b", "c"]])

    def test_same_thing_keeps_its_order(self):
        events = [("sold", {1}, ()), ("other", {2}, ()), ("back", {1}, ())]
        self.assertEqual(in_layers(events), [["sold", "other"], ["back"]])

    def test_sharers_go_together_but_after_the_owner(self):
        events = [
            ("sold", {1}, ()),
            ("back 1", (), {1}),
            ("back 2", (), {1}),
            ("sold again", {1}, ()),
        ]
        self.assertEqual(
            in_layers(events), [["sold"], ["back 1", "back 2"], ["sold again"]]
        )

    def test_two_things_wait_for_the_later_one(self):
        events = [("a", {1}, ()), ("b", {1}, ()), ("c", {2}, ()), ("d", {1, 2}, ())]
        self.assertEqual(in_layers(events), [["a", "c"], ["b"], ["d"]])

    def test_nothing(self):
        self.assertEqual(in_layers([]), [])
