from odoo import api, fields, models

SUPERVISOR = "aftersales_service.aftersales_service_group_supervisor"


class AftersalesAction(models.Model):
    """An improvement that helped is proposed for a reward (R61, F115)."""

    _inherit = "aftersales.action"

    can_reward = fields.Boolean(compute="_compute_can_reward")

    @api.depends("state", "effective", "owner_id")
    @api.depends_context("uid", "su")
    def _compute_can_reward(self):
        user = self.env.user
        leads = self._is_planner()
        rewarded = self._find_rewarded() if leads else set()
        for action in self:
            action.can_reward = (
                leads
                and action.state == "closed"
                and action.effective == "yes"
                and action.owner_id != user
                and action._origin.id not in rewarded
            )

    def _find_rewarded(self):
        """Return the ids of the actions for which a reward was proposed."""
        # That there is a proposal is no secret to those who may propose it.
        sanctions_sudo = self.env["aftersales.sanction"].sudo()
        rows = sanctions_sudo._read_group(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)],
            ["res_id"],
        )
        return {res_id for (res_id,) in rows}

    def action_propose_reward(self):
        """Propose rewards for the owners of effective actions, as their lead (F115).

        :return: action that opens the proposals
        :raise UserError: for actions without effect, one's own, twice, without a rule,
            and for owners who are no employees
        """
        way_out = self.env._(
            "A supervisor or quality proposes the owner of an effective action once, "
            "nobody himself."
        )
        self._ensure_can("can_reward", way_out)
        Sanction = self.env["aftersales.sanction"]
        rewards = Sanction.browse()
        for action in self:
            # Which employee a user is, is no secret; his file is not asked for.
            people_sudo = action.sudo().owner_id.employee_ids.filtered(
                lambda one, action=action: one.company_id == action.company_id
            )
            reward = Sanction._propose(
                "improvement",
                people_sudo[:1],
                action,
                description=action.description or action.display_name,
            )
            if not reward:
                action._refuse(
                    self.env._(
                        "Nothing is proposed: the owner is no active employee of the "
                        "company, or no rule says which reward an effective "
                        "improvement gets."
                    )
                )
            rewards |= reward
        self.invalidate_recordset(["can_reward"])
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "aftersales_quality.aftersales_sanction_action"
            ),
            "domain": [("id", "in", rewards.ids)],
            "context": {},
        }
