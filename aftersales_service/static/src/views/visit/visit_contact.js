import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** How to get to the customer and how to call him: two buttons under the thumb. */
export class VisitContact extends Component {
    static template = "aftersales_service.VisitContact";
    static props = { ...standardWidgetProps };

    get phone() {
        return this.props.record.data.partner_phone;
    }

    get map() {
        return this.props.record.data.navigate_url;
    }
}

registry.category("view_widgets").add("aftersales_visit_contact", {
    component: VisitContact,
    fieldDependencies: [
        { name: "partner_phone", type: "char" },
        { name: "navigate_url", type: "char" },
    ],
});
