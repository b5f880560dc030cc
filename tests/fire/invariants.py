"""What has to hold in every database of ours, whatever happened to it.

Plain SQL over what the modules promise: no field of ours that is computed is trusted. Each
function returns a list of broken sentences, empty when all is well.
"""

# Names of tables and columns are those of the program and of the catalogue.
# pylint: disable=sql-injection

from odoo.tools import float_compare

# Numbered documents: no number twice in a company.
NUMBERED = (
    "aftersales_collection",
    "aftersales_complaint",
    "aftersales_contract",
    "aftersales_dispatch",
    "aftersales_equipment",
    "aftersales_loan",
    "aftersales_nonconformity",
    "aftersales_parcel",
    "aftersales_part_request",
    "aftersales_parts_plan",
    "aftersales_registration",
    "aftersales_return",
    "aftersales_sanction",
    "aftersales_supplier_claim",
    "aftersales_ticket",
    "aftersales_training",
)
# What happens once: table, what it is once for, and among which rows.
ONCE = (
    ("aftersales_analysis", "company_id, month, department_id", "true"),
    ("aftersales_campaign_recipient", "campaign_id, partner_id", "true"),
    ("aftersales_complaint_notice", "deadline_id, moment", "true"),
    ("aftersales_complaint_step", "complaint_id", "date_done IS NULL"),
    ("aftersales_clearance", "dispatch_id, kind, role", "state <> 'cancelled'"),
    ("aftersales_daily_report", "employee_id, date", "kind = 'technician'"),
    ("aftersales_daily_report", "team_id, date", "kind = 'team'"),
    ("aftersales_delivery_day", "company_id, date", "true"),
    ("aftersales_delivery_day_line", "sale_line_id", "true"),
    ("aftersales_escalation_trace", "ticket_id, step_id, round", "true"),
    (
        "aftersales_figure",
        "company_id, month, measure, team_id, product_id, supplier_id",
        "true",
    ),
    ("aftersales_nonconformity", "inspection_id", "split_from_id IS NULL"),
    ("aftersales_nonconformity_cost", "res_model, res_id", "res_id <> 0"),
    ("aftersales_old_part", "line_id", "true"),
    ("aftersales_parts_plan", "company_id, month", "state <> 'cancelled'"),
    ("aftersales_performance", "company_id, employee_id, month", "true"),
    ("aftersales_remedy", "equipment_id, rule_id, right_key, occurrence", "true"),
    ("aftersales_report_run", "company_id, kind, period_start", "true"),
    ("aftersales_sanction", "res_model, res_id, employee_id, trigger", "res_id <> 0"),
    ("aftersales_supplier_claim_line", "ticket_line_id", "live"),
    ("aftersales_weekly_summary", "company_id, week", "true"),
    ("rating_rating", "res_id", "res_model = 'aftersales.dispatch' AND consumed"),
    (
        "aftersales_callback",
        "ticket_id, kind, round",
        "state = 'planned' AND custody_id IS NULL",
    ),
    ("aftersales_callback", "custody_id, round", "state = 'planned'"),
    ("aftersales_callback", "picking_id, partner_id, kind, round", "true"),
    ("aftersales_callback", "recipient_id, kind", "true"),
    ("aftersales_loan", "lot_id", "state = 'out' AND serial_only"),
    ("aftersales_custody", "equipment_id", "date_out IS NULL"),
)
# A sentence, and the query that finds the records of which it is not true.
SENTENCES = (
    (
        "a serial is delivered without its unit",
        """
        SELECT DISTINCT l.name || ' of move ' || m.id
          FROM stock_move_line ml
          JOIN stock_move m ON m.id = ml.move_id
          JOIN stock_lot l ON l.id = ml.lot_id
          JOIN stock_location d ON d.id = m.location_dest_id
          JOIN stock_location s ON s.id = m.location_id
          JOIN product_product p ON p.id = m.product_id
          JOIN product_template t ON t.id = p.product_tmpl_id
          JOIN sale_order_line sol ON sol.id = m.sale_line_id
         WHERE m.state = 'done' AND ml.quantity > 0
           AND d.usage = 'customer' AND s.usage <> 'customer'
           AND t.tracking = 'serial' AND t.aftersales_voucher = 'serial'
           AND NOT EXISTS (SELECT FROM aftersales_backfill b
                            WHERE b.company_id = m.company_id
                              AND b.state IN ('running', 'paused'))
           AND NOT EXISTS (SELECT FROM aftersales_equipment e
                            WHERE e.move_id = m.id AND e.lot_id = ml.lot_id)
        """,
    ),
    (
        "a delivery has two units of one serial",
        """
        SELECT 'move ' || move_id || ', lot ' || lot_id FROM aftersales_equipment
         WHERE move_id IS NOT NULL AND lot_id IS NOT NULL
         GROUP BY move_id, lot_id HAVING count(*) > 1
        """,
    ),
    (
        "a serial has two units in use",
        """
        SELECT min(name) FROM aftersales_equipment
         WHERE state = 'active' AND is_serialised
         GROUP BY company_id, product_id, serial HAVING count(*) > 1
        """,
    ),
    (
        "more of a unit came back than was delivered",
        """
        SELECT name FROM aftersales_equipment
         WHERE quantity_returned > quantity OR quantity_returned < 0
        """,
    ),
    (
        "a unit has a warranty term twice",
        """
        SELECT 'unit ' || equipment_id || ', group ' || COALESCE(component_id, 0)
          FROM aftersales_coverage WHERE source IN ('policy', 'replacement')
         GROUP BY equipment_id, component_id HAVING count(*) > 1
        """,
    ),
    (
        "more comes back of a delivery than was delivered",
        """
        SELECT 'move ' || m.id
          FROM stock_move m
          LEFT JOIN (SELECT origin_returned_move_id AS move_id, sum(quantity) AS sum
                       FROM stock_move
                      WHERE state = 'done' GROUP BY 1) back ON back.move_id = m.id
          LEFT JOIN (SELECT l.move_id,
                            sum(greatest(l.quantity - l.quantity_received, 0)) AS sum
                       FROM aftersales_return_line l
                       JOIN aftersales_return r ON r.id = l.return_id
                      WHERE r.state IN ('authorised', 'received', 'inspected')
                      GROUP BY 1) open ON open.move_id = m.id
         WHERE m.state = 'done'
           AND m.quantity - COALESCE(back.sum, 0) - COALESCE(open.sum, 0) < -0.0001
           AND (back.sum IS NOT NULL OR open.sum IS NOT NULL)
        """,
    ),
    (
        "a return line says something else than its transfers",
        """
        SELECT 'line ' || l.id || ': ' || l.quantity_received || ' instead of '
               || sum(m.quantity)
          FROM aftersales_return_line l
          JOIN stock_move m ON m.aftersales_return_line_id = l.id AND m.state = 'done'
          JOIN stock_location s ON s.id = m.location_id
          JOIN stock_location d ON d.id = m.location_dest_id
         WHERE s.usage = 'customer' AND d.usage <> 'customer'
         GROUP BY l.id HAVING abs(sum(m.quantity) - l.quantity_received) > 0.0001
        """,
    ),
    (
        "a return line says something else than its posted credit notes",
        """
        SELECT 'line ' || l.id || ': ' || l.quantity_refunded
          FROM aftersales_return_line l
          LEFT JOIN account_move_line a ON a.aftersales_return_line_id = l.id
                AND a.parent_state = 'posted' AND a.display_type = 'product'
          LEFT JOIN account_move am ON am.id = a.move_id
         WHERE am.id IS NULL OR am.move_type = 'out_refund'
         GROUP BY l.id HAVING abs(COALESCE(sum(a.quantity), 0) - l.quantity_refunded)
               > 0.0001
        """,
    ),
    (
        "more is refunded than was to come back",
        """
        SELECT 'line ' || id FROM aftersales_return_line
         WHERE quantity_refunded > quantity + 0.0001
            OR quantity_replaced > quantity + 0.0001
            OR quantity_received > quantity + 0.0001
        """,
    ),
    (
        "more is credited of an order line than was invoiced",
        """
        SELECT 'order line ' || rel.order_line_id
          FROM sale_order_line_invoice_rel rel
          JOIN account_move_line a ON a.id = rel.invoice_line_id
          JOIN account_move m ON m.id = a.move_id
         WHERE m.state <> 'cancel'
           AND EXISTS (SELECT FROM aftersales_return_line l
                        WHERE l.sale_line_id = rel.order_line_id)
         GROUP BY rel.order_line_id
        HAVING sum(CASE m.move_type WHEN 'out_refund' THEN -a.quantity
                                    WHEN 'out_invoice' THEN a.quantity ELSE 0 END)
               < -0.0001
        """,
    ),
    (
        "a contract counts other visits than were made under it",
        """
        SELECT c.name || ': ' || c.visits_used
          FROM aftersales_contract c
          LEFT JOIN aftersales_ticket_line l
            ON l.contract_id = c.id AND l.state = 'used'
         GROUP BY c.id HAVING count(DISTINCT l.ticket_id) <> COALESCE(c.visits_used, 0)
        """,
    ),
    (
        "a contract is used beyond what it includes",
        """
        SELECT c.name FROM aftersales_contract c
          JOIN aftersales_ticket_line l
            ON l.contract_id = c.id AND l.state IN ('used', 'planned')
         WHERE c.visits_included > 0
         GROUP BY c.id HAVING count(DISTINCT l.ticket_id) > c.visits_included
        """,
    ),
    (
        "an evaluation is of a visit that is not done",
        """
        SELECT 'card ' || r.id FROM rating_rating r
          LEFT JOIN aftersales_dispatch d ON d.id = r.res_id
         WHERE r.res_model = 'aftersales.dispatch' AND r.consumed
           AND (d.id IS NULL OR d.state <> 'done')
        """,
    ),
    (
        "a technician has two visits at the same time",
        """
        SELECT a.dispatch_id || ' and ' || b.dispatch_id
          FROM aftersales_dispatch_slot a
          JOIN aftersales_dispatch_slot b
            ON b.employee_id = a.employee_id AND b.id > a.id
           AND tsrange(a.date_start, a.date_end) && tsrange(b.date_start, b.date_end)
        """,
    ),
    (
        "a planned visit has not booked its technician",
        """
        SELECT d.name FROM aftersales_dispatch d
         WHERE d.state IN ('assigned', 'accepted') AND d.active
           AND d.technician_id IS NOT NULL
           AND d.date_start IS NOT NULL AND d.date_end > d.date_start
           AND NOT EXISTS (SELECT FROM aftersales_dispatch_slot s
                            WHERE s.dispatch_id = d.id
                              AND s.employee_id = d.technician_id)
        """,
    ),
    (
        "a supplier claim is not the sum of its lines",
        """
        SELECT c.name FROM aftersales_supplier_claim c
          LEFT JOIN aftersales_supplier_claim_line l ON l.claim_id = c.id
         GROUP BY c.id
        HAVING abs(COALESCE(sum(l.claimed), 0) - COALESCE(c.amount_claimed, 0)) > 0.005
            OR abs(COALESCE(sum(l.offered), 0) - COALESCE(c.amount_offered, 0)) > 0.005
            OR abs(COALESCE(sum(l.agreed), 0) - COALESCE(c.amount_agreed, 0)) > 0.005
            OR abs(COALESCE(sum(l.cost), 0) - COALESCE(c.amount_cost, 0)) > 0.005
        """,
    ),
    (
        "a nonconformity is not the sum of its costs",
        """
        SELECT n.name FROM aftersales_nonconformity n
          LEFT JOIN aftersales_nonconformity_cost c ON c.nonconformity_id = n.id
         GROUP BY n.id
        HAVING abs(COALESCE(sum(c.amount), 0) - COALESCE(n.cost_total, 0)) > 0.005
        """,
    ),
    (
        "a line of a ticket is not what its payers pay",
        """
        SELECT 'line ' || id FROM aftersales_ticket_line
         WHERE abs(COALESCE(amount_customer, 0) + COALESCE(amount_company, 0)
                   + COALESCE(amount_third_party, 0) - COALESCE(amount_list, 0)) > 0.015
        """,
    ),
    (
        "less than nothing of a serial or a part is in a place of ours",
        """
        SELECT 'quant ' || q.id FROM stock_quant q
          JOIN stock_location l ON l.id = q.location_id
         WHERE l.usage IN ('internal', 'transit') AND q.quantity < -0.0001
        """,
    ),
    (
        "a serial is in two places",
        """
        SELECT min(l.name) FROM stock_quant q
          JOIN stock_lot l ON l.id = q.lot_id
          JOIN stock_location p ON p.id = q.location_id
          JOIN product_product v ON v.id = q.product_id
          JOIN product_template t ON t.id = v.product_tmpl_id
         WHERE t.tracking = 'serial' AND q.quantity > 0
           AND p.usage IN ('internal', 'transit')
         GROUP BY q.lot_id HAVING sum(q.quantity) > 1
        """,
    ),
    (
        "a mail is twice in the queue",
        """
        SELECT DISTINCT m.model || ' ' || m.res_id || ': ' || m.subject
          FROM mail_mail a
          JOIN mail_message m ON m.id = a.mail_message_id
          JOIN mail_mail b ON b.id > a.id AND a.state = b.state
          JOIN mail_message n ON n.id = b.mail_message_id
         WHERE m.model LIKE 'aftersales.%' AND m.model = n.model
           AND m.res_id = n.res_id AND m.subject = n.subject AND m.body = n.body
           AND a.create_date::date = b.create_date::date
           AND COALESCE(a.email_to, '') = COALESCE(b.email_to, '')
           AND a.state = 'outgoing'
           AND NOT EXISTS (
                 SELECT res_partner_id FROM mail_mail_res_partner_rel
                  WHERE mail_mail_id = a.id
                 EXCEPT SELECT res_partner_id FROM mail_mail_res_partner_rel
                  WHERE mail_mail_id = b.id)
        """,
    ),
)


def broken(cr):
    """Return every broken promise of the database."""
    return [
        *_broken_sentences(cr),
        *_repeated(cr),
        *_double_numbers(cr),
        *_dangling_files(cr),
    ]


def _broken_sentences(cr):
    found = []
    for sentence, query in SENTENCES:
        cr.execute(query)
        found += [f"{sentence}: {row[0]}" for row in cr.fetchall()]
    return found


def _repeated(cr):
    """What was done twice though it is done once."""
    found = []
    for table, key, among in ONCE:
        # Where one of the columns is empty it is not about that column.
        known = key.split(", ")[0]
        cr.execute(
            f"SELECT concat_ws(', ', {key}), count(*) FROM {table} "
            f"WHERE ({among}) AND {known} IS NOT NULL "
            f"GROUP BY {key} HAVING count(*) > 1"
        )
        found += [
            f"{table} ({key}) is there {count} times: {value}"
            for value, count in cr.fetchall()
        ]
    return found


def _double_numbers(cr):
    found = []
    for table in NUMBERED:
        cr.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' "
            "AND table_name = %s AND column_name = 'name'",
            [table],
        )
        if not cr.fetchone():
            continue
        cr.execute(
            f"SELECT name FROM {table} WHERE name <> '/' "
            "GROUP BY company_id, name HAVING count(*) > 1"
        )
        found += [f"{table}: the number {name} twice" for (name,) in cr.fetchall()]
    return found


def _dangling_files(cr):
    """Attachments of ours that belong to nothing."""
    cr.execute(
        "SELECT DISTINCT res_model FROM ir_attachment "
        "WHERE res_model LIKE 'aftersales.%' AND res_id <> 0 AND res_field IS NULL"
    )
    found = []
    for (model,) in cr.fetchall():
        cr.execute(
            f"SELECT a.name FROM ir_attachment a "
            f"LEFT JOIN {model.replace('.', '_')} r ON r.id = a.res_id "
            f"WHERE a.res_model = %s AND a.res_id <> 0 AND r.id IS NULL",
            [model],
        )
        found += [f"{model}: the file {name} of nothing" for (name,) in cr.fetchall()]
    return found


def missing_files(cr, filestore):
    """Files that the database knows and the filestore does not have."""
    cr.execute("SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname <> ''")
    return [
        f"file {name} is missing"
        for (name,) in cr.fetchall()
        if not (filestore / name).is_file()
    ]


def stale_amounts(env):
    """Stored numbers that are not what their formula says now.

    Writes nothing that is kept: the caller rolls back.
    """
    found = []
    for name, model in sorted(env.registry.items()):
        if not name.startswith("aftersales.") or model._abstract or model._transient:
            continue
        fields = [
            field
            for field in model._fields.values()
            if field.store and field.compute and field.readonly
            if field.type in ("integer", "float", "monetary")
        ]
        if fields:
            found += _stale(env[name].sudo().with_context(active_test=False), fields)
    return found


def _stale(model, fields):
    records = model.search([])
    found = []
    for field in fields:
        before = records.mapped(lambda record, f=field: record[f.name])
        model.env.add_to_compute(field, records)
        for record, old in zip(records, before, strict=True):
            if float_compare(record[field.name] or 0, old or 0, precision_digits=2):
                found.append(
                    f"{record} {field.name}: {old} is stored, {record[field.name]} due"
                )
    return found
