import { registry } from "@web/core/registry";

/** A customer on his phone: sees his unit, requests service, follows the ticket. */
registry.category("web_tour.tours").add("aftersales_portal_customer", {
    steps: () => [
        {
            content: "Open the unit",
            trigger: ".o_portal_my_doc_table a:contains(SV/)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The serial number is the one on the plate",
            trigger: ".o_aftersales_facts td:contains(PHONE-0001)",
        },
        {
            content: "Request service",
            trigger: "a[href*='/my/tickets/new']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The unit is chosen",
            trigger: "#ticket_unit option[selected]:contains(PHONE-0001):not(:visible)",
        },
        {
            content: "Say what is wrong",
            trigger: "#ticket_symptom",
            run: "edit Header does not lift",
        },
        {
            content: "Say more",
            trigger: "#ticket_description",
            run: "edit Since this morning, after 120 hours",
        },
        {
            content: "Send",
            trigger: "form[action$='/my/tickets/new'] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The request is registered",
            trigger: ".alert-success:contains(ST/)",
        },
        {
            content: "It is new",
            trigger: ".badge:contains(New)",
        },
        {
            content: "Back to the list",
            trigger: ".o_portal_submenu a[href$='/my/tickets']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is in the list",
            trigger: ".o_portal_my_doc_table td:contains(Header does not lift)",
        },
    ],
});
