import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** The warehouse validates a delivery and finds the service voucher it made. */
tours.add("aftersales_keeper_delivers", {
    steps: () => [
        {
            content: "Validate the transfer",
            trigger: "button[name=button_validate].btn-primary",
            run: "click",
        },
        {
            content: "The delivery made a unit",
            trigger: "button[name=action_view_aftersales_equipment]",
            run: "click",
        },
        {
            content: "The voucher carries the serial number",
            trigger: ".o_field_widget[name=serial]:contains(JOURNEY-1)",
        },
    ],
});

/** Sales requests service from the order screen. */
tours.add("aftersales_salesman_requests", {
    steps: () => [
        {
            content: "The order shows its unit",
            trigger: "button[name=action_view_aftersales_equipment]",
        },
        {
            content: "Request service",
            trigger: "button[name=action_aftersales_request_service]",
            run: "click",
        },
        {
            content: "The only unit of the order is chosen",
            trigger:
                ".modal .o_field_widget[name=equipment_id] input:value(JOURNEY-1)",
        },
        {
            content: "Say what is wrong",
            trigger: ".modal .o_field_widget[name=symptom] input",
            run: "edit Feeder chain blocked",
        },
        {
            content: "Register",
            trigger: ".modal button[name=action_create_ticket]",
            run: "click",
        },
        {
            content: "The ticket is there to be followed",
            trigger: ".o_form_view .o_field_widget[name=name]:contains(ST/)",
        },
        {
            content: "It is new",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(New)",
        },
    ],
});

/** The desk finds the unit by one typed number and is warned of the open ticket. */
tours.add("aftersales_agent_registers", {
    steps: () => [
        {
            content: "New ticket",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Type the customer's phone number",
            trigger: ".o_field_widget[name=equipment_id] input",
            run: "edit 13800138000",
        },
        {
            content: "His unit is found",
            trigger: ".ui-menu-item > a:contains(JOURNEY-1)",
            run: "click",
        },
        {
            content: "The customer is filled in",
            trigger: ".o_field_widget[name=partner_id] input:value(Farmer Wang)",
        },
        {
            content: "The open ticket of the unit is shown at once",
            trigger: ".alert .o_field_widget[name=similar_ids]:contains(Feeder chain)",
        },
        {
            content: "Say what is wrong",
            trigger: ".o_field_widget[name=symptom] input",
            run: "edit Called again about the chain",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Saved with its number",
            trigger: ".o_form_saved .o_field_widget[name=name]:contains(ST/)",
        },
    ],
});

/** The desk brings a ticket to its end. */
tours.add("aftersales_agent_solves", {
    steps: () => [
        {
            content: "Start",
            trigger: "button[name=action_open]",
            run: "click",
        },
        {
            content: "In progress",
            trigger:
                ".o_statusbar_status .o_arrow_button_current:contains(In Progress)",
        },
        {
            content: "Press Wait",
            trigger: ".o_form_statusbar button:contains(Wait)",
            run: "click",
        },
        {
            content: "Say what for",
            trigger:
                ".modal .o_field_widget[name=waiting_reason] .o_radio_item:contains(Parts) input",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "Go on",
            trigger: "button[name=action_resume]",
            run: "click",
        },
        {
            content: "Note the solution",
            trigger: ".o_notebook a.nav-link:contains(Solution)",
            run: "click",
        },
        {
            content: "What was done",
            trigger: ".o_field_widget[name=resolution] textarea",
            run: "edit Chain cleaned and tensioned",
        },
        {
            content: "Solved",
            trigger: "button[name=action_solve]",
            run: "click",
        },
        {
            content: "Close",
            trigger: "button[name=action_close]",
            run: "click",
        },
        {
            content: "Closed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Closed)",
        },
    ],
});
