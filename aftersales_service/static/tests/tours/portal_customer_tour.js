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
            content: "Add a photo",
            trigger: "input[type=file][name=attachments]",
            async run() {
                const head = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 0]);
                const transfer = new DataTransfer();
                transfer.items.add(new File([head], "header.png", { type: "image/png" }));
                this.anchor.files = transfer.files;
                this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
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
            content: "No more mails, please",
            trigger: "form[action$='/unfollow'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "After all, send them",
            trigger: "form[action$='/follow'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "They come again",
            trigger: "form[action$='/unfollow'] button",
        },
        {
            content: "Say something more",
            trigger: "#chatterRoot:shadow .o-mail-Composer-input",
            run: "edit It drips, too",
        },
        {
            content: "Send it",
            trigger: "#chatterRoot:shadow .o-mail-Composer button[title='Send'], #chatterRoot:shadow .o-mail-Composer-send",
            run: "click",
        },
        {
            content: "It is said",
            trigger: "#chatterRoot:shadow .o-mail-Message:contains(It drips, too)",
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
        {
            content: "Look at the one that is solved",
            trigger: ".o_portal_my_doc_table tr:contains(Belt slips) a",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The estimate asks for an answer",
            trigger: ".o_aftersales_facts a[href*='/my/orders/']",
        },
        {
            content: "It works again",
            trigger: "form[action$='/close'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is closed",
            trigger: ".badge:contains(Closed)",
        },
        {
            content: "It does not after all",
            trigger: "#reopen_reason",
            run: "edit It slips again",
        },
        {
            content: "Reopen",
            trigger: "form[action$='/reopen'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Work goes on",
            trigger: ".badge:contains(In Progress)",
        },
    ],
});
