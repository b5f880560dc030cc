import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DispatchPlanDialog } from "./dispatch_plan_dialog";

const { DateTime } = luxon;

/**
 * The dispatcher's board: technicians by days, and at the left what waits.
 *
 * A job is dragged onto the day of a technician, or opened with Enter and planned in a
 * dialog. The server decides; what speaks against it is shown at once.
 */
export class DispatchBoard extends Component {
    static template = "aftersales_service.DispatchBoard";
    static components = { ControlPanel };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.state = useState({ board: null, text: "", dragged: null, over: null });
        onWillStart(() => this.load());
    }

    async load(dateFrom = this.firstDay) {
        this.state.board = await this.orm.call("aftersales.dispatch", "board_read", [], {
            date_from: dateFrom || false,
        });
        const lists = [this.state.board.cards, this.state.board.waiting];
        this.cards = Object.fromEntries(lists.flat().map((card) => [card.key, card]));
    }

    get firstDay() {
        return this.state.board?.days[0].date;
    }

    move(weeks) {
        return this.load(DateTime.fromISO(this.firstDay).plus({ weeks }).toISODate());
    }

    // ---------------------------------------------------------------------------
    // WHAT IS SHOWN
    // ---------------------------------------------------------------------------

    fits(...texts) {
        const wanted = this.state.text.trim().toLowerCase();
        return !wanted || texts.some((text) => (text || "").toLowerCase().includes(wanted));
    }

    get technicians() {
        const rows = this.state.board.technicians;
        const found = rows.filter((row) => this.fits(row.name));
        // Whoever looks for a place or a customer wants to see everybody.
        return found.length ? found : rows;
    }

    get waiting() {
        const cards = this.state.board.waiting;
        const found = cards.filter((card) =>
            this.fits(card.name, card.customer, card.symptom, card.zone)
        );
        return found.length ? found : cards;
    }

    getCards(technician, day) {
        return this.state.board.cards.filter(
            (card) =>
                card.day === day.date &&
                (card.technician_id === technician.id || card.crew_ids.includes(technician.id))
        );
    }

    getLoad(cell) {
        return _t("%(booked)s of %(work)s h", {
            booked: Math.round(cell.booked * 10) / 10,
            work: Math.round(cell.work * 10) / 10,
        });
    }

    getCellClass(technician, day) {
        const cell = technician.cells[day.date];
        const classes = [];
        if (!cell.work) {
            classes.push("o_off");
        }
        if (day.today) {
            classes.push("o_today");
        }
        const dragged = this.state.dragged && this.cards[this.state.dragged];
        if (dragged) {
            classes.push(this.hasRoom(dragged, technician, day) ? "o_fits" : "o_conflict");
        }
        if (this.state.over === `${technician.id}/${day.date}`) {
            classes.push("o_over");
        }
        return classes.join(" ");
    }

    hasRoom(card, technician, day) {
        const own = card.technician_id === technician.id && card.day === day.date;
        return own || (!day.past && technician.cells[day.date].free >= card.hours);
    }

    getCardClass(card) {
        return {
            o_aftersales_card: true,
            [`o_state_${card.state}`]: true,
            o_movable: card.movable,
            o_late: card.late || card.overdue,
        };
    }

    getTip(card) {
        const lines = [card.name, card.customer, card.symptom, card.zone];
        return lines.filter(Boolean).join("\n");
    }

    // ---------------------------------------------------------------------------
    // DRAG
    // ---------------------------------------------------------------------------

    onDragStart(ev, card) {
        if (!card.movable) {
            ev.preventDefault();
            return;
        }
        // Firefox drags nothing that carries no data.
        ev.dataTransfer?.setData("text/plain", card.key);
        this.state.dragged = card.key;
    }

    onDragOver(ev, technician, day) {
        if (this.state.dragged) {
            ev.preventDefault();
            this.state.over = `${technician.id}/${day.date}`;
        }
    }

    onDragEnd() {
        this.state.dragged = null;
        this.state.over = null;
    }

    async onDrop(ev, technician, day) {
        ev.preventDefault();
        const card = this.cards[this.state.dragged];
        this.onDragEnd();
        if (!card || (card.technician_id === technician.id && card.day === day.date)) {
            return;
        }
        const plan = { technician_id: technician.id, day: day.date };
        const result = await this.drop(card, plan);
        if (result.refusals.length) {
            this.openPlan(card, { ...plan, ...result });
        }
    }

    async drop(card, { technician_id, day, start, hours, reason }) {
        const result = await this.orm.call(
            "aftersales.dispatch",
            "board_drop",
            [card.model, card.id, technician_id, day],
            { start: start || false, hours: hours || false, reason: reason || false }
        );
        if (!result.refusals.length) {
            this.notification.add(result.message, { type: "success" });
            await this.load();
        }
        return result;
    }

    // ---------------------------------------------------------------------------
    // DIALOG
    // ---------------------------------------------------------------------------

    onClickCard(card) {
        return card.movable ? this.openPlan(card, {}) : this.openRecord(card);
    }

    openPlan(card, plan) {
        const { days, technicians, can_override } = this.state.board;
        const today = days.find((day) => day.today) || days[0];
        this.dialog.add(DispatchPlanDialog, {
            card,
            technicians,
            canOverride: can_override,
            plan: {
                technician_id: plan.technician_id || card.technician_id || technicians[0]?.id,
                day: plan.day || card.day || today.date,
                start: plan.start || card.start || "",
                hours: plan.hours || card.hours,
                refusals: plan.refusals || [],
            },
            drop: (values) => this.drop(card, values),
            open: () => this.openRecord(card),
        });
    }

    openRecord(card) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: card.model,
            res_id: card.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("aftersales_dispatch_board", DispatchBoard);
