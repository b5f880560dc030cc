"""Years of work at the desks: a hundred thousand cases each."""

import os

from bench_people import BATCH
from bench_rows import SYMPTOMS, bulk, by_share, copy, maintain, one_of, unchecked

ROWS = 100_000 if os.environ.get("AFTERSALES_FULL") else 40_000
CUSTOMERS = 10_000
# A number from 0 to 99 for row i: the last fifth of the rows draws 80 and more.
LOT = (
    f"CASE WHEN i <= {ROWS} * 0.8 THEN mod(i * 7919, 80) "
    "ELSE 80 + mod(i * 7919, 20) END"
)


class History:
    """Part of the bench: many rows, with the states and dates of a real register."""

    # ------------------------------------------------------------
    # MANY ROWS
    # ------------------------------------------------------------

    def grow(self):
        """Give all desks their customers and as many cases each."""
        self.cr.execute("SELECT setseed(0.4)")
        self._grow_customers()
        for table, grow in (
            ("aftersales_equipment", self._grow_units),
            ("aftersales_ticket", self._grow_tickets),
            ("fsm_order", self._grow_orders),
            ("repair_order", self._grow_repairs),
        ):
            with bulk(self.cr, table), unchecked(self.cr, table):
                grow()

    def grow_few(self):
        """Give the desk a thousand open tickets."""
        copy(
            self._create_tickets(1),
            f"generate_series(1, {BATCH}) AS i",
            name="'F' || lpad(i::text, 6, '0')",
            state="'open'",
            repeat_of_id="NULL",
            is_repeat="FALSE",
            repeat_total="0",
            access_token="NULL",
            # The time promised by hand is what will be broken.
            **{
                f"{clock}_{part}": "NULL"
                for clock in ("respond", "arrive", "solve")
                for part in ("deadline", "warning")
            },
        )
        self.cr.commit()  # pylint: disable=invalid-commit
        self._open_tickets("F%")

    def _grow_customers(self):
        copy(
            self.customers[0],
            f"generate_series(1, {CUSTOMERS}) AS i",
            name="'Zhou ' || i",
            complete_name="'Zhou ' || i",
            ref="'bench'",
            phone="'+86 139 0000 ' || i",
            zip="'10' || mod(i, 5) || '000'",
            commercial_partner_id="currval('res_partner_id_seq')",
        )
        copy(
            self.location,
            """(SELECT id, name, row_number() OVER () AS i FROM res_partner
                 WHERE ref = 'bench') AS p""",
            partner_id="p.id",
            complete_name="p.name",
        )
        for table in ("res_partner", "fsm_location"):
            maintain(self.cr, "VACUUM ANALYZE", table)

    def _grow_units(self):
        copy(
            self.units[0],
            f"""generate_series(1, {2 * CUSTOMERS}) AS i
            JOIN (SELECT id, row_number() OVER () AS n FROM res_partner
                   WHERE ref = 'bench') AS p ON p.n = 1 + mod(i, {CUSTOMERS})""",
            name="'Z' || i",
            serial="'Z' || lpad(i::text, 6, '0')",
            public_code="'bench' || i",
            partner_id="p.id",
        )

    def _grow_tickets(self):
        # Most of a register is history: of the last fifth most is open.
        is_open = f"{LOT} >= 82"
        opened = f"now() AT TIME ZONE 'UTC' - ({ROWS} + 1 - i) * interval '10 minutes'"
        due = f"CASE WHEN {is_open} THEN {{}} END"
        ahead = "now() AT TIME ZONE 'UTC' + (random() * 3 - 1) * interval '1 day'"
        copy(
            self._create_tickets(1),
            f"""generate_series(1, {ROWS}) AS i
            JOIN (SELECT e.id, e.serial, p.id AS partner_id, p.name, p.phone,
                         row_number() OVER () AS n
                    FROM aftersales_equipment e JOIN res_partner p ON p.id = e.partner_id
                   WHERE e.public_code LIKE 'bench%%') AS u
              ON u.n = 1 + mod(i * 31, {2 * CUSTOMERS})""",
            name="'T' || lpad(i::text, 6, '0')",
            symptom=f"{one_of(SYMPTOMS)} || ' ' || mod(i, 997)",
            equipment_id="u.id",
            serial="u.serial",
            partner_id="u.partner_id",
            site_id="u.partner_id",
            partner_name="u.name",
            partner_phone="u.phone",
            fault_id=one_of(self.faults.ids),
            zone_id=one_of(self.zones.ids),
            user_id=one_of((self.boss.id, self.chief.id, self.clerk.id)),
            priority=by_share({"0": 85, "1": 12, "2": 3}, "floor(random() * 100)"),
            channel=by_share(
                {"phone": 70, "email": 20, "portal": 10}, "random() * 100"
            ),
            state=by_share(
                {
                    "closed": 72,
                    "cancelled": 4,
                    "solved": 6,
                    "new": 4,
                    "open": 10,
                    "waiting": 4,
                },
                LOT,
            ),
            waiting_reason=f"CASE WHEN {LOT} >= 96 THEN 'parts' END",
            cancel_reason="'Called twice'",
            date_open=opened,
            respond_date=opened,
            done_date=f"CASE WHEN NOT ({is_open}) THEN {ahead} END",
            solve_date=f"CASE WHEN NOT ({is_open}) THEN {ahead} END",
            arrive_deadline=due.format(ahead),
            solve_deadline=due.format(ahead),
            next_deadline=due.format(ahead),
            next_escalation="NULL",
            repeat_of_id="NULL",
            is_repeat="FALSE",
            repeat_total="0",
            access_token="NULL",
        )

    def _grow_orders(self):
        names = {stage.name: stage.id for stage in self.stages}
        copy(
            self.order,
            f"""generate_series(1, {ROWS}) AS i
            JOIN (SELECT id, row_number() OVER () AS n FROM fsm_location) AS l
              ON l.n = 1 + mod(i * 31, {CUSTOMERS})""",
            name="'FSO' || lpad(i::text, 6, '0')",
            location_id="l.id",
            person_id=one_of(self.persons.ids),
            priority=by_share({"0": 85, "1": 12, "2": 3}, "floor(random() * 100)"),
            stage_id=by_share(
                {
                    names["Completed"]: 78,
                    names["Cancelled"]: 4,
                    names["New"]: 4,
                    names["Scheduled"]: 10,
                    names["Started"]: 4,
                },
                LOT,
            )
            + "::int",
            scheduled_date_start="now() - random() * 1000 * interval '1 day'",
        )

    def _grow_repairs(self):
        copy(
            self.repair,
            f"""generate_series(1, {ROWS}) AS i
            JOIN (SELECT id, row_number() OVER () AS n FROM res_partner
                   WHERE ref = 'bench') AS p ON p.n = 1 + mod(i * 31, {CUSTOMERS})""",
            name="'WH/RO/' || lpad(i::text, 6, '0')",
            partner_id="p.id",
            priority=by_share({"0": 85, "1": 15}, "floor(random() * 100)"),
            state=by_share(
                {
                    "done": 78,
                    "cancel": 4,
                    "draft": 4,
                    "confirmed": 10,
                    "under_repair": 4,
                },
                LOT,
            ),
            create_date="now() - random() * 1000 * interval '1 day'",
        )
