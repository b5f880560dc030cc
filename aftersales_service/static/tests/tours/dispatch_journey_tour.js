import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const row = (name) => `.modal .o_data_row:contains(${name})`;

/** The dispatcher finds the right technician for a ticket and sends him. */
tours.add("aftersales_dispatcher_sends", {
    steps: () => [
        {
            content: "Send somebody",
            trigger: ".o_form_view button[name=action_dispatch]",
            run: "click",
        },
        {
            content: "Who is the right one?",
            trigger: ".o_form_view button[name=action_find_technician]",
            run: "click",
        },
        {
            content: "One is away, and it is said until when",
            trigger: `${row("Zhou Min")}:contains(on leave)`,
        },
        {
            content: "The other one goes",
            trigger: `${row("Chen Gang")} button[name=action_lead]`,
            run: "click",
        },
        {
            content: "He leads the visit",
            trigger: `${row("Chen Gang")} td[name=role] .badge`,
        },
        {
            content: "Assign",
            trigger: ".modal button[name=action_assign]",
            run: "click",
        },
        {
            content: "It is assigned",
            trigger:
                "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains(Assigned)",
        },
    ],
});

/** The customer marks the visit, without login. */
tours.add("aftersales_customer_evaluates", {
    steps: () => [
        {
            content: "Attitude: very satisfied",
            trigger: "label[for=attitude_4]",
            run: "click",
        },
        {
            content: "Skill: satisfied",
            trigger: "label[for=skill_3]",
            run: "click",
        },
        {
            content: "Arrival: dissatisfied",
            trigger: "label[for=arrival_1]",
            run: "click",
        },
        {
            content: "Promises: fair",
            trigger: "label[for=promise_2]",
            run: "click",
        },
        {
            content: "In his own words",
            trigger: "textarea[name=words]",
            run: "edit Came after dark",
        },
        {
            content: "Send",
            trigger: "form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "We say thank you",
            trigger: ".alert-success:contains(Thank you)",
        },
    ],
});
