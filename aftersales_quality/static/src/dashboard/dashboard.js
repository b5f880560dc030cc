import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const { DateTime } = luxon;

/**
 * The department on one screen. Every number opens the rows it is counted from; the
 * server says what they are.
 */
export class AftersalesDashboard extends Component {
    static template = "aftersales_quality.Dashboard";
    static components = { ControlPanel };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        // Whoever comes back from a list finds what he looked at.
        const kept = this.props.state?.kept || {};
        this.state = useState({
            data: null,
            month: kept.month || false,
            span: kept.span || 1,
            teamId: kept.team_id || false,
        });
        useSetupAction({ getLocalState: () => ({ kept: this.asked }) });
        onWillStart(() => this.load());
    }

    get asked() {
        return {
            month: this.state.month,
            span: this.state.span,
            team_id: this.state.teamId,
        };
    }

    async load(change = {}) {
        Object.assign(this.state, change);
        this.state.data = await this.orm.call(
            "aftersales.dashboard",
            "dashboard_read",
            [],
            this.asked
        );
        this.state.month = this.state.data.month;
    }

    move(months) {
        const month = DateTime.fromISO(this.state.month).plus({ months });
        return this.load({ month: month.toISODate() });
    }

    onTeam(ev) {
        return this.load({ teamId: Number(ev.target.value) || false });
    }

    async open(measure, rest = {}) {
        const action = await this.orm.call("aftersales.dashboard", "dashboard_open", [], {
            measure,
            ...this.asked,
            ...rest,
        });
        return this.action.doAction(action);
    }

    async openStep(state) {
        const action = await this.orm.call(
            "aftersales.dashboard",
            "dashboard_open_step",
            [],
            { state, team_id: this.state.teamId }
        );
        return this.action.doAction(action);
    }

    getChangeClass(tile) {
        if (tile.change > 0) {
            return "text-success";
        }
        return tile.change < 0 ? "text-danger" : "text-muted";
    }

    getChangeIcon(tile) {
        if (tile.direction > 0) {
            return "fa fa-arrow-up";
        }
        return tile.direction < 0 ? "fa fa-arrow-down" : "fa fa-arrows-h";
    }
}

registry.category("actions").add("aftersales_quality.dashboard", AftersalesDashboard);
