import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// However long somebody thinks about the browser's question, the step is not kept waiting.
const PATIENCE = 6000;

/** Return the position of the phone; nothing when it is not known or not to be told. */
export async function getPlace() {
    if (!navigator.geolocation || !window.isSecureContext) {
        return {};
    }
    const asked = new Promise((resolve) => {
        navigator.geolocation.getCurrentPosition(
            ({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude }),
            () => resolve({}),
            { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 60000 }
        );
    });
    const late = new Promise((resolve) => setTimeout(() => resolve({}), PATIENCE));
    return Promise.race([asked, late]);
}

/**
 * A step of a visit as one big button: it saves what was typed, sends the step with the
 * position where that may be told, and shows what became of it. Without a connection
 * nothing is lost: what was typed stays on the screen, and the step may be sent again.
 */
export class VisitStepButton extends Component {
    static template = "aftersales_service.VisitStepButton";
    static props = {
        ...standardWidgetProps,
        action: String,
        label: String,
        icon: { type: String, optional: true },
        tone: { type: String, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ busy: false });
    }

    async onClick() {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const { record } = this.props;
            if (await record.save()) {
                const place = await getPlace();
                await this.orm.call(record.resModel, this.props.action, [[record.resId]], place);
                await record.load();
            }
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("view_widgets").add("aftersales_visit_step", {
    component: VisitStepButton,
    extractProps: ({ attrs }) => ({
        action: attrs.action,
        label: attrs.string,
        icon: attrs.icon,
        tone: attrs.tone,
    }),
});
