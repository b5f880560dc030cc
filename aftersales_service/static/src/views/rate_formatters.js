import { formatFloat, formatPercentage } from "@web/views/fields/formatters";
import { registry } from "@web/core/registry";

// A rate of nothing is no rate: an empty cell, not 0 %.
const unlessEmpty = (format) => (value, options) =>
    value === undefined || value === null || value === false
        ? ""
        : format(value, options);

registry
    .category("formatters")
    .add("aftersales_rate", unlessEmpty(formatPercentage))
    .add("aftersales_hours", unlessEmpty(formatFloat));
