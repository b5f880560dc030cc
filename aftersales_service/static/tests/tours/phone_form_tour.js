import { registry } from "@web/core/registry";

const FORM = ".modal .o_form_view";

/** A call is registered by keys alone: no step clicks anything. */
registry.category("web_tour.tours").add("aftersales_phone_form", {
    steps: () => [
        {
            content: "The register is there",
            trigger: ".o_list_view button[data-hotkey=t]",
        },
        {
            content: "Take the call",
            trigger: "body",
            run: "press Alt+t",
        },
        {
            content: "The number is asked for",
            trigger: `${FORM} .o_field_widget[name=phone] input:focus`,
            run: "edit 008613800138000",
        },
        {
            content: "Go on",
            trigger: `${FORM} .o_field_widget[name=phone] input`,
            run: "press Enter",
        },
        {
            content: "Customer and unit were found; what is wrong is asked for",
            trigger: `${FORM}:has(.o_field_widget[name=warranty_text] span:not(:empty)) .o_field_widget[name=symptom] input:focus`,
            run: "edit Does not start",
        },
        {
            content: "Save",
            trigger: `${FORM} .o_field_widget[name=symptom] input`,
            run: "press Enter",
        },
        {
            content: "It is registered",
            trigger: ".o_notification:contains(ST/)",
        },
        {
            content: "The form is closed",
            trigger: "body:not(:has(.modal))",
        },
    ],
});
