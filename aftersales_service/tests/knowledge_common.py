from .common import AftersalesCommon


class KnowledgeCommon(AftersalesCommon):
    """A small fault tree: engine → does not start → check → cause → remedy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine = cls._fault("Engine")
        cls.no_start = cls._fault("Does not start", parent=cls.engine)
        cls.turns = cls._fault("Does the starter turn?", "check", cls.no_start)
        cls.battery = cls._fault("Battery empty", "cause", cls.turns, answer="no")
        cls.charge = cls._fault(
            "Charge the battery", "remedy", cls.battery, instruction="At least 2 h."
        )
        cls.clamps = cls._fault("Clean the terminals", "remedy", cls.battery)
        cls.fuel = cls._fault("No fuel", "cause", cls.turns, answer="yes")
        cls.filter = cls._fault("Filter blocked", "cause", cls.turns, answer="yes")
        cls.hydraulics = cls._fault("Hydraulics")
        cls.leak = cls._fault("Cylinder leaks", "cause", cls.hydraulics)
        cls.team.supervisor_id = cls.supervisor

    @classmethod
    def _fault(cls, name, kind="symptom", parent=None, **values):
        return cls.env["aftersales.fault"].create(
            {
                "name": name,
                "kind": kind,
                "parent_id": parent.id if parent else False,
                **values,
            }
        )

    def _solution(self, name, fault=None, products=None, state="published", **values):
        """Return a solution written by the agent and led to a state."""
        solution = (
            self.env["aftersales.solution"]
            .with_user(self.agent)
            .create(
                {
                    "name": name,
                    "fault_id": (fault or self.battery).id,
                    "product_ids": products and products.ids,
                    "body": f"<p>{name}, step by step.</p>",
                    **values,
                }
            )
        )
        if state != "draft":
            solution.action_submit()
        if state == "published":
            solution.with_user(self.supervisor).action_publish()
        return solution.with_env(self.env)
