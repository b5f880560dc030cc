"""Words that users changed stay; those of a file come where they are asked for."""

import json

import pytest
import snapshot
import support

LANG = "zh_CN"
ADDON = support.FLOORS[0]
FILE = support.ROOT / ADDON / "i18n" / f"{LANG}.po"
MINE = "我的售后"
MENU = f"{ADDON}.aftersales_service_menu_root"


@pytest.fixture(scope="module")
def words():
    """Words of a menu after each step."""
    with support.installed_copy("words") as database:
        yield Words(database)


class Words:
    """What a menu is called, and how many names there are, after each step."""

    def __init__(self, database):
        self.database = database
        self.shipped = self.menu()
        self.all = self.count()
        self.say_mine()
        self.imported = self._take("i18n", "import", "-d", database, "-l", LANG)
        self.kept = self.menu()
        self.overwritten = self._take(
            "i18n", "import", "-d", database, "-l", LANG, "-w"
        )

    def say_mine(self):
        snapshot.execute(
            self.database,
            "UPDATE ir_ui_menu SET name = name || %s::jsonb WHERE id = %s",
            [json.dumps({LANG: MINE}), self._menu_id()],
        )

    def _take(self, *command):
        return support.odoo(*command, str(FILE))

    def _menu_id(self):
        return snapshot.records(self.database)[MENU][1]

    def menu(self):
        [(name,)] = support.rows(
            self.database,
            "SELECT name->>%s FROM ir_ui_menu WHERE id = %s",
            [LANG, self._menu_id()],
        )
        return name

    def count(self):
        """How many names of ours are there in the language."""
        return {
            table: support.rows(
                self.database,
                f"SELECT COUNT(*) FROM {table} t JOIN ir_model_data d "
                f"ON d.res_id = t.id AND d.model = %s AND d.module LIKE 'aftersales%%' "
                f"WHERE t.{column} ? %s",
                [table.replace("_", "."), LANG],
            )[0][0]
            for table, column in (
                ("ir_ui_menu", "name"),
                ("ir_ui_view", "arch_db"),
                ("mail_template", "body_html"),
                ("res_groups", "name"),
            )
        }


def test_words_of_users_stay(words):
    """Proves: a file read again leaves what somebody said in words of his own."""
    support.report(words.imported.check().bad, "log")
    assert words.shipped and words.kept == MINE != words.shipped


def test_words_of_the_file_where_asked_for(words):
    """Proves: where it is told to, the file has the last word; none gets lost."""
    support.report(words.overwritten.check().bad, "log")
    assert words.menu() == words.shipped
    assert words.count() == words.all
    assert all(words.all.values())


if support.FULL:

    @pytest.mark.parametrize(
        "options, shipped", [((), False), (["--i18n-overwrite"], True)]
    )
    def test_words_after_an_update(words, options, shipped):
        """Proves: an update keeps a user's words, unless it is told not to."""
        words.say_mine()
        run = support.server(words.database, "-u", ADDON, *options).check()
        support.report(run.bad, "log")
        assert words.menu() == (words.shipped if shipped else MINE)
        assert words.count() == words.all
