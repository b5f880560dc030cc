import { registry } from "@web/core/registry";

const card = (text) => ({
    content: `Choose ${text}`,
    trigger: `.modal button[name=action_choose]:contains(${text})`,
    run: "click",
});

registry.category("web_tour.tours").add("aftersales_agent_walks_the_fault_tree", {
    steps: () => [
        {
            content: "Open the fault tree",
            trigger: "button[name=action_walk]",
            run: "click",
        },
        card("Engine"),
        card("Does not start"),
        card("Does the starter turn?"),
        card("No"),
        card("Charge the battery"),
        {
            content: "One step back",
            trigger: ".modal button[name=action_back]",
            run: "click",
        },
        card("Charge the battery"),
        card("It helped"),
        {
            content: "The dialog is gone and the reported fault is on the ticket",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=fault_id] input:value(Engine / Does not start)",
        },
    ],
});
