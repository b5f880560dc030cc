import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("aftersales_agent_reads_who_pays", {
    steps: () => [
        {
            content: "The whole machine is covered before any line is noted",
            trigger: ".alert-success:contains(Covered: Whole Machine)",
        },
        {
            content: "Note the work",
            trigger: ".o_notebook a.nav-link[name=work]",
            run: "click",
        },
        {
            content: "Add a part",
            trigger: ".o_field_widget[name=line_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "A wear part",
            trigger: ".o_selected_row .o_field_widget[name=product_id] input",
            run: "edit V-belt",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item a:contains(V-belt)",
            run: "click",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Read that the customer pays, and why",
            trigger: ".alert-danger:contains(Customer pays: Wear Parts not covered)",
        },
        {
            content: "The same on the line",
            trigger: ".o_data_row .o_field_widget[name=coverage]:contains(Customer Pays)",
        },
        {
            content: "Ask the customer",
            trigger: "button[name=action_estimate]",
            run: "click",
        },
        {
            content: "The estimate is on the ticket",
            trigger: ".o_field_widget[name=estimate_ids] .o_data_row",
        },
    ],
});
