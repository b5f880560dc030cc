import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus } from "@web/core/utils/hooks";

/** Plans one job without a mouse, and says what speaks against a plan. */
export class DispatchPlanDialog extends Component {
    static template = "aftersales_service.DispatchPlanDialog";
    static components = { Dialog };
    static props = {
        card: Object,
        technicians: Array,
        canOverride: Boolean,
        plan: Object,
        drop: Function,
        open: Function,
        close: Function,
    };

    setup() {
        this.state = useState({ ...this.props.plan, reason: "", busy: false });
        this.first = useAutofocus({ refName: "first" });
    }

    onChange() {
        // What was refused was the former plan.
        this.state.refusals = [];
    }

    async assign(allTheSame = false) {
        if (this.state.busy || (allTheSame && !this.state.reason.trim())) {
            return;
        }
        this.state.busy = true;
        try {
            const result = await this.props.drop({
                technician_id: Number(this.state.technician_id),
                day: this.state.day,
                start: this.state.start,
                hours: Number(this.state.hours),
                reason: allTheSame && this.state.reason,
            });
            this.state.refusals = result.refusals;
            if (!result.refusals.length) {
                this.props.close();
            }
        } finally {
            this.state.busy = false;
        }
    }

    openRecord() {
        this.props.close();
        this.props.open();
    }
}
