import { registry } from "@web/core/registry";

const SIGNATURE = ".o_field_widget[name='signature']";

/** The technician's visit on a phone: each step by the thumb. */
registry.category("web_tour.tours").add("aftersales_visit_phone", {
    steps: () => [
        {
            content: "Accept on the card",
            trigger: ".o_kanban_record button[name='action_accept']",
            run: "click",
        },
        {
            content: "Open the job",
            trigger: ".o_kanban_record:not(:has(button[name='action_accept'])) .fa-user",
            run: "click",
        },
        {
            content: "Set out",
            trigger: ".o_form_view button[name='action_depart']",
            run: "click",
        },
        {
            content: "Arrive",
            trigger: ".o_form_view:not(:has(button[name='action_depart'])) button[name='action_arrive']",
            run: "click",
        },
        {
            content: "Unfold the checklist",
            trigger: "details[name='checklist'] summary",
            run: "click",
        },
        {
            content: "First point: in order",
            trigger: ".o_kanban_record:contains(Power off) button[name='action_ok']",
            run: "click",
        },
        {
            content: "Second point: a number",
            trigger:
                ".o_kanban_record:contains(Power off) .text-success, .o_kanban_record:contains(Power off) .btn-success",
        },
        {
            trigger: ".o_kanban_record:contains(Pressure) button[name='action_open']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='number'] input",
            run: "edit 5",
        },
        {
            trigger: ".modal button[name='action_note']",
            run: "click",
        },
        {
            content: "It is outside its limits",
            trigger: ".o_kanban_record:contains(Pressure) .text-danger",
        },
        {
            content: "What was done",
            trigger: ".o_field_widget[name='work_done'] textarea",
            run: "edit Belt changed",
        },
        {
            content: "Hours",
            trigger: "button[name='action_add_hours']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='quantity'] input",
            run: "edit 1.5",
        },
        {
            trigger: ".modal button.btn-primary:contains(Save)",
            run: "click",
        },
        {
            content: "Nothing dangerous was seen",
            trigger: "body:not(:has(.modal)) .o_field_widget[name='hazard_look'] input[data-value='none']",
            run: "click",
        },
        {
            content: "The name of who signs",
            trigger: ".o_field_widget[name='signed_by'] input",
            run: "edit Farmer Wang",
        },
        {
            content: "Sign on glass",
            trigger: `${SIGNATURE} .o_signature`,
            run: "click",
        },
        {
            content: "By the name, as a finger cannot be told here",
            trigger: ".modal .o_web_sign_auto_button",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer .btn-primary:enabled",
            run: "click",
        },
        {
            content: "Finish",
            trigger: "body:not(:has(.modal)) button[name='action_finish']",
            run: "click",
        },
        {
            content: "Check out",
            trigger: "button[name='action_check_out']",
            run: "click",
        },
        {
            content: "Said to the office",
            trigger: ".o_form_view .alert-success:contains(Checked out)",
        },
    ],
});
