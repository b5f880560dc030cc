import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const job = (text) => `.o_aftersales_card:contains(${text})`;
const cell = (text, nth = 2) => `tr:contains(${text}) td:nth-child(${nth})`;

/** The dispatcher drags a job onto a day, is told a conflict, and plans by keyboard. */
tours.add("aftersales_dispatch_board", {
    steps: () => [
        {
            content: "The job waits at the left",
            trigger: `.o_waiting ${job("Belt torn")}`,
            run: `drag_and_drop .o_grid ${cell("Chen Gang", 3)}`,
        },
        {
            content: "It is on his day",
            trigger: `.o_grid ${cell("Chen Gang", 3)} ${job("Farmer Wang")}`,
        },
        {
            content: "And waits no more",
            trigger: `.o_waiting:not(:has(${job("Belt torn")}))`,
        },
        {
            content: "The other job is planned in a dialog",
            trigger: `.o_waiting ${job("Pump leaks")}`,
            run: async (helpers) => {
                helpers.anchor.focus();
                await helpers.press("Enter");
            },
        },
        {
            content: "For the same man",
            trigger: ".o_aftersales_plan select[name=technician]",
            run: "selectByLabel Chen Gang",
        },
        {
            content: "At an hour that is taken",
            trigger: ".o_aftersales_plan input[name=start]",
            run: "edit 09:30",
        },
        {
            content: "Try to assign",
            trigger: ".modal .o_assign",
            run: "click",
        },
        {
            content: "He is told at once that there is another visit",
            trigger: ".modal .alert-danger:contains(Chen Gang is at DO/)",
        },
        {
            content: "He takes somebody else",
            trigger: ".o_aftersales_plan select[name=technician]",
            run: "selectByLabel Zhou Min",
        },
        {
            content: "Assign",
            trigger: ".modal .o_assign",
            run: "click",
        },
        {
            content: "It is on the other's day",
            trigger: `.o_grid tr:contains(Zhou Min) ${job("Pump leaks")}`,
        },
    ],
});
