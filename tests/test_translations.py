"""The Chinese translation is complete, loads, and speaks one language.

AFTERSALES_I18N_REFRESH=1 setup/test tests/test_translations.py  brings the template and the
Chinese file up to date from the run's database before it checks them.
"""

import io
import os
import re
from collections import Counter

import i18n_tool
import polib
import pytest
import support

ADDONS = support.addons()
PLACEHOLDERS = re.compile(
    r"%\(\w+\)[-+#0]*\d*(?:\.\d+)?[a-zA-Z]"  # %(name)s
    r"|%[-+#0]*\d*(?:\.\d+)?[diouxXeEfFgGcrs](?![a-zA-Z])"  # %s, %.2f
    r"|%%"
    r"|\{\{.*?\}\}"  # {{ object.name }} of mail templates
    r"|\$\{.*?\}"  # ${name} of JavaScript
    r"|\{\w*\}"  # {name}
)
TAGS = re.compile(r"</?[a-zA-Z][\w:.-]*(?:\s+[^<>]*)?/?>")
# Attributes whose value is itself shown to the user
WORDING = re.compile(
    r"\b(?:string|title|alt|label|placeholder|summary|aria-[\w-]+|data-tooltip)"
    r"=(?:\"[^\"]*\"|'[^']*')"
)

# Words of the glossary: when the English says this, the Chinese must say one of that,
# and must not say the other (None: nothing is forbidden).
GLOSSARY = [
    (r"customers?", r"客户", r"顾客|消费者"),
    (r"technicians?", r"技术员", r"维修人员|服务人员|安装工|技师"),
    (r"(?<!gift )(?<!payment )vouchers?", r"服务凭证", None),
    (r"dispatch orders?", r"派工单", None),
    (r"dispatch(?:es|ed|ing)?", r"派工", r"调度单|派遣"),
    (r"dispatchers?", r"派工员|调度员", None),
    (r"three guarantees", r"三包", None),
    (r"warrant(?:y|ies)", r"保修|质保|保内|保外|不实行三包", r"保固|担保"),
    (r"supervisors?", r"主管|服务主任", None),
    (r"callbacks?", r"回访", None),
    (r"complaints?", r"投诉", r"抱怨"),
    (r"grievances?", r"抱怨", None),
    (r"suggestions?", r"建议", None),
    (r"appointments?", r"预约", None),
    (r"reschedul\w+", r"改约", None),
    (r"repeat repairs?", r"重复修理", None),
    (r"symptoms?", r"故障现象", None),
    (r"fault tree", r"故障树", None),
    (r"service handbook", r"售后服务手册", None),
    (r"service receipts?", r"服务回执单", None),
    (r"service calls?", r"报修|叫修", None),
    (r"on-site service", r"上门服务", None),
    (r"remote service", r"远程服务", None),
    (r"arrival time", r"到达时间", None),
    (r"paid service", r"有费服务", None),
    (r"contract service", r"合同服务", None),
    (r"main parts?", r"主要部件", None),
    (r"liability assessments?", r"责任鉴定", None),
    (r"maintenance contracts?", r"维护合同|保养合同", None),
    (r"overhauls?", r"大修|检修", None),
    (r"corrective actions?", r"整改措施", None),
    (r"preventive actions?", r"预防措施", None),
    (r"sanctions?", r"处罚", None),
    (r"rewards?", r"奖励", None),
    (r"performance rating", r"绩效考核", None),
    (r"spare parts?", r"备件", None),
    (r"make-up parts?", r"补件", None),
    (r"gifts?", r"赠品", None),
    (r"old parts?", r"旧件", None),
    (r"depots?", r"中心库", None),
    (r"rma number", r"维修编号", None),
    (r"cost notices?", r"费用通知单", None),
    (r"repair cards?", r"修护卡", None),
    (r"^(?![\s\S]*repair)[\s\S]*rework\w*", r"返工", r"返修"),
    (r"rework\w*", r"返工", None),
    (r"concessions?", r"特采", None),
    (r"scrap\w*", r"报废", None),
    (r"nonconform\w+", r"不合格", None),
    (r"first-pass rate", r"直通率", None),
    (r"compensat(?:e|es|ed|ion)", r"赔偿", None),
    (r"after-sales", r"售后", None),
]
# Words that need a reason in the English, wherever they stand
RESERVED = [
    (
        r"三包",
        r"three guarantees|statutory|legal|law|exclusion|excluded|remed(?:y|ies)"
        r"|certificate (?:of another|and valid)|authorised repairer",
    ),
    (r"顾客|消费者", r"consumer"),
    (r"用户", r"users?|login|account|assign"),
    (r"返修", r"repair|return application|rma|disposition"),
]


def database_terms(addon):
    from odoo import SUPERUSER_ID
    from odoo.api import Environment
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name
    from odoo.tools.translate import trans_export

    buffer = io.BytesIO()
    with Registry(get_db_name()).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        assert trans_export(None, [addon], buffer, "po", env), f"{addon}: no terms"
    return i18n_tool.without_demo(polib.pofile(buffer.getvalue().decode()))


@pytest.fixture(scope="module", params=ADDONS)
def addon(request):
    if os.environ.get("AFTERSALES_I18N_REFRESH"):
        i18n_tool.refresh(support.env("AFTERSALES_RUN_DB"), request.param)
    return request.param


@pytest.fixture(scope="module")
def terms(addon):
    """What the installed add-on shows, by source text."""
    return {entry.msgid: entry for entry in database_terms(addon)}


def read(path):
    """The file, or an empty one: then every term is reported as missing."""
    return polib.pofile(path) if path.is_file() else polib.POFile()


@pytest.fixture(scope="module")
def pot(addon):
    return i18n_tool.without_demo(read(i18n_tool.files(addon)[0]))


@pytest.fixture(scope="module")
def po(addon):
    return read(i18n_tool.files(addon)[1])


def place(entry, addon):
    where = entry.occurrences[0][0] if entry.occurrences else "?"
    return f"{addon}/i18n/zh_CN.po:{entry.linenum} ({where}) {entry.msgid[:90]!r}"


def active(po):
    return [entry for entry in po if not entry.obsolete]


def test_template_is_current(terms, pot):
    """Proves: translators of other languages get the terms of today."""
    written = {i18n_tool.signature(entry) for entry in pot}
    shown = {i18n_tool.signature(entry) for entry in terms.values()}
    findings = [f"lacks {item[0][:90]!r} {item[1][:2]}" for item in shown - written]
    findings += [f"outdated {item[0][:90]!r} {item[1][:2]}" for item in written - shown]
    support.report(sorted(findings), "run python tests/i18n_tool.py")


def test_nothing_missing(addon, terms, po):
    """Proves: a Chinese user meets no English word of ours."""
    known = {entry.msgid: entry for entry in active(po)}
    findings = [
        f"{entry.occurrences[0][0]} {msgid[:90]!r}"
        for msgid, entry in terms.items()
        if msgid not in known
    ]
    findings += [place(entry, addon) for entry in known.values() if not entry.msgstr]
    support.report(findings, "not translated")


def test_translations_reach_their_place(addon, terms, po):
    """Proves: Odoo loads each translation everywhere it is shown (it goes by reference)."""
    findings = []
    for entry in active(po):
        shown = terms.get(entry.msgid)
        if shown is None:
            findings.append(f"{place(entry, addon)} is shown nowhere")
            continue
        lost = {p for p, _line in shown.occurrences} - {p for p, _ in entry.occurrences}
        if lost:
            findings.append(f"{place(entry, addon)} lacks {sorted(lost)[:3]}")
        elif entry.comment != shown.comment:
            findings.append(f"{place(entry, addon)} comment is {entry.comment!r}")
    support.report(findings, "run python tests/i18n_tool.py")


def test_nothing_fuzzy_or_obsolete(addon, po):
    """Proves: no guess of a tool and no leftover is shipped."""
    findings = [place(entry, addon) for entry in po if entry.fuzzy or entry.obsolete]
    seen = Counter(entry.msgid for entry in active(po))
    findings += [
        f"{msgid!r} is there twice" for msgid, count in seen.items() if count > 1
    ]
    support.report(findings, "fuzzy, obsolete or double")


def placeholders(text):
    return Counter(PLACEHOLDERS.findall(text))


def tags(text):
    return Counter(re.sub(r"\s+", " ", WORDING.sub("", t)) for t in TAGS.findall(text))


def plain(text):
    """The words alone, without markup, placeholders and technical names."""
    text = TAGS.sub(lambda match: " ".join(WORDING.findall(match[0])), text)
    return PLACEHOLDERS.sub(" ", text)


def test_placeholders(addon, po):
    """Proves: no message breaks or loses a value in Chinese."""
    findings = [
        f"{place(entry, addon)} -> {entry.msgstr[:90]!r}"
        for entry in active(po)
        if entry.msgstr and placeholders(entry.msgid) != placeholders(entry.msgstr)
    ]
    support.report(findings, "placeholders differ")


def test_markup(addon, po):
    """Proves: no page breaks in Chinese."""
    findings = [
        f"{place(entry, addon)} -> {entry.msgstr[:90]!r}"
        for entry in active(po)
        if entry.msgstr and tags(entry.msgid) != tags(entry.msgstr)
    ]
    support.report(findings, "tags differ")


def wording_errors(msgid, msgstr):
    """Why a translation does not follow the glossary."""
    english, chinese = plain(msgid), plain(msgstr)
    for word, required, forbidden in GLOSSARY:
        if not re.search(rf"(?<![\w.-]){word}(?![\w.-]*\w)", english, re.IGNORECASE):
            continue
        if not re.search(required, chinese):
            yield f"{word} should be {required}"
        if forbidden and (found := re.search(forbidden, chinese)):
            yield f"{word} must not be {found[0]}"
    for word, reason in RESERVED:
        found = re.search(word, chinese)
        if found and not re.search(reason, english, re.IGNORECASE):
            yield f"{found[0]} without a reason in the English ({reason})"


def test_glossary(addon, po):
    """Proves: one word for one thing on every screen, the department's own word."""
    findings = [
        f"{place(entry, addon)} -> {entry.msgstr[:60]!r}: {error}"
        for entry in active(po)
        if entry.msgstr
        for error in wording_errors(entry.msgid, entry.msgstr)
    ]
    support.report(findings, "glossary")


@pytest.mark.parametrize(
    "msgid, msgstr, wrong",
    [
        ("Customer", "客户", False),
        ("Customer", "顾客", True),
        ("Customer", "用户", True),
        ("User", "用户", False),
        ("%(customer)s is late", "%(customer)s 迟到", False),
        ("Technicians", "维修人员", True),
        ("Service Voucher", "服务凭证", False),
        ("Voucher", "凭证", True),
        ("Dispatch Order", "派工单", False),
        ("Dispatch Order", "派工", True),
        ("Warranty", "三包", True),
        ("Three Guarantees", "三包", False),
        ("Rework", "返修", True),
        ("Rework or repair", "返工或返修", False),
        ("Rework or repair", "返修", True),
    ],
)
def test_glossary_check_fires(msgid, msgstr, wrong):
    """Proves: the glossary check refuses the words that the sources mix."""
    assert bool(list(wording_errors(msgid, msgstr))) is wrong


@pytest.mark.parametrize(
    "check, msgid, msgstr, wrong",
    [
        (placeholders, "%s of %(n)s", "%(n)s 的 %s", False),
        (placeholders, "%(name)s", "%(nome)s", True),
        (placeholders, "{name} 100% of it", "{name} 全部 100%", False),
        (placeholders, "{{ object.name }}", "{{ object.code }}", True),
        (tags, '<b title="Day">%s</b>', '<b title="日">%s</b>', False),
        (tags, "<b>a</b>", "<b>啊", True),
        (tags, '<span t-field="o.a"/>', '<span t-field="o.b"/>', True),
    ],
)
def test_markup_checks_fire(check, msgid, msgstr, wrong):
    """Proves: the placeholder and markup checks see what would break a screen."""
    assert (check(msgid) != check(msgstr)) is wrong
