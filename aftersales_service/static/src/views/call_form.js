import { useExternalListener } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";

const FIELDS = ["phone", "partner_id", "partner_name", "equipment_id", "symptom"];

/**
 * The telephone form goes on at Enter: to the next field that is still empty, and at
 * last to the button that saves. Whoever takes a call needs no mouse.
 */
export class CallFormRenderer extends FormRenderer {
    setup() {
        super.setup();
        useExternalListener(window, "keydown", (ev) => this.onEnter(ev), { capture: true });
    }

    getInput(name) {
        return document.querySelector(`.modal .o_field_widget[name='${name}'] input`);
    }

    async onEnter(ev) {
        const plain = !(ev.altKey || ev.ctrlKey || ev.metaKey || ev.shiftKey || ev.isComposing);
        const current = FIELDS.find((name) => ev.target === this.getInput(name));
        // While a list of names is open, Enter chooses from it.
        const choosing = document.querySelector(".o-autocomplete--dropdown-menu");
        if (ev.key !== "Enter" || !plain || !current || choosing) {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        ev.target.dispatchEvent(new Event("change", { bubbles: true }));
        // The number finds customer and unit before the next field is chosen.
        await this.props.record.model._askChanges();
        await new Promise((resolve) => requestAnimationFrame(resolve));
        // What the record holds decides: the screen may still show what was before.
        const { data } = this.props.record;
        const following = FIELDS.slice(FIELDS.indexOf(current) + 1);
        const next = this.getInput(following.find((name) => !data[name]) || "symptom");
        if (next && current !== "symptom") {
            next.focus();
            next.select();
            return;
        }
        const button = document.querySelector(".modal footer button.btn-primary[name^='action_']");
        if (button?.name === "action_save") {
            button.click();
        } else {
            // There is an open ticket: the agent decides, the next Enter does it.
            button?.focus();
        }
    }
}

registry.category("views").add("aftersales_call_form", {
    ...formView,
    Renderer: CallFormRenderer,
});
