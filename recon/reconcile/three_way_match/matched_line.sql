-- matched_line: every invoice line of goods with the match group it belongs to, or the one code that stops it.
--
-- grain     invoice_id, line_no
-- reads     billed_line, order_found, line_identity, kit_roll, order_group, match_group, unit,
--           substitute_unit
-- params    none
-- money     amount as stated; price is for price_shares shares; residual is what the amount says beyond
--           quantity times price, of a credit where both are printed, and nothing of a price credit; on an
--           amount basis where both are printed, and the measure is the amount without it
-- rule      One code per line, the first that applies. UNMATCHED: the order is not found, the order line is not found
--           or ambiguous. BLOCKED: another currency, cancelled, a blanket order that expired, a supplier who is paid on
--           receipt (ERS), another item, a unit without a conversion.
--           Components of a kit stand behind their first line. Units are those of the item ordered, or of its
--           substitute where that is billed. (Specification 1.2 steps 1 and 3; 1.4.)
with found as (
    select
        line.*,
        coalesce(line.no_order_code, order_found.code) as order_code,
        order_found.po_id as order_id,
        identity.po_line_no as order_line_no,
        -- Without candidates a line is about the one order line that bears its number, if one does.
        coalesce(identity.line_key, line.line_no_norm) as line_key,
        case when kit.kits is not null then 'KIT' else 'T' || cast(coalesce(identity.tier, 1) as varchar) end as tier,
        coalesce(identity.is_substitute, false) as is_substitute,
        coalesce(identity.is_ambiguous, false) as is_ambiguous,
        kit.kits,
        kit.amount as kit_amount,
        kit.residual as kit_residual,
        kit.price as kit_price
    from billed_line as line
    left join order_found
        on
            line.po_number = order_found.po_number
            and line.supplier_group = order_found.supplier_group
            and coalesce(line.facility_id, '') = order_found.facility_id
    left join line_identity as identity
        on line.invoice_id = identity.invoice_id and line.line_no = identity.line_no
    left join kit_roll as kit on line.invoice_id = kit.invoice_id and line.line_no = kit.line_no
    where
        line.line_type = 'ITEM'
        and not line.is_duplicate
        and (kit.roll_line_no is null or kit.roll_line_no = line.line_no)
),

grouped as (
    select
        found.*,
        match_group.group_no,
        match_group.match_group,
        match_group.po_id,
        coalesce(found.order_line_no, order_group.po_line_no, match_group.po_line_no) as po_line_no,
        case when match_group.group_no is not null then found.tier end as identity_tier,
        match_group.facility_id as order_facility_id,
        match_group.currency as order_currency,
        match_group.order_date,
        match_group.status as order_status,
        match_group.valid_from,
        match_group.valid_to,
        match_group.match_type,
        match_group.match_basis,
        match_group.item_id as order_item_id,
        match_group.price as order_price,
        match_group.ordered,
        match_group.price_shares as order_price_shares,
        case when match_group.match_basis = 'AMOUNT' then 1 else match_group.scale end as scale,
        case
            when match_group.match_basis = 'AMOUNT' then 1
            -- Kits are counted in base units of the kit.
            when found.kits is not null then match_group.scale
            when found.is_substitute then substitute_unit.shares
            when unit.shares is not null then unit.shares
            when found.uom = match_group.uom then match_group.shares
        end as shares
    from found
    left join order_group on found.order_id = order_group.po_id and found.line_key = order_group.line_key
    left join match_group
        on
            found.order_id = match_group.po_id
            and coalesce(order_group.group_line_key, found.line_key) = match_group.line_key
    -- The unit ordered in needs no look-up: most lines are billed in it.
    left join unit
        on
            match_group.has_unit
            and match_group.item_id = unit.item_id
            and nullif(found.uom, match_group.uom) = unit.uom
    left join substitute_unit
        on found.invoice_id = substitute_unit.invoice_id and found.line_no = substitute_unit.line_no
),

judged as (
    select
        grouped.*,
        case
            when order_code is not null then order_code
            when is_ambiguous then 'PO_LINE_AMBIGUOUS'
            when group_no is null then 'PO_LINE_NOT_FOUND'
            when currency <> order_currency then 'CURRENCY_MISMATCH'
            when order_status = 'CANCELLED' and not is_credit then 'PO_LINE_CANCELLED'
            when (valid_from > invoice_date or valid_to < invoice_date) and not is_credit then 'BLANKET_EXPIRED'
            when match_type = 'ERS' and not is_credit then 'ERS_INVOICE_RECEIVED'
            when identity_tier = 'T1' and item_id <> order_item_id and not is_substitute then 'ITEM_MISMATCH'
            when shares is null and not (is_credit and qty = 0) then 'UOM_NO_CONVERSION'
        end as code
    from grouped
),

-- A price that is not printed and has more than six decimals is the amount, for all that is billed.
told as (
    select
        judged.*,
        kits is null
        and not has_price
        and qty = round(qty, 0)
        and abs(qty) * cast(price as decimal(19, 6)) <> abs(amount)
        and qty <> 0 as is_sum
    from judged
),

measured as (
    select
        told.*,
        coalesce(kit_amount, amount) as amount_billed,
        case
            when code is not null then cast(0 as decimal(19, 2))
            when kits is not null then kit_residual
            -- Nothing is said of what the amount is made of, or it is of a difference in price.
            when qty <> 0 and not has_price then cast(0 as decimal(19, 2))
            when (match_basis = 'AMOUNT' or is_credit) and qty = 0 then cast(0 as decimal(19, 2))
            when is_credit and adj_kind = 'PRICE' then cast(0 as decimal(19, 2))
            when is_credit then cast(amount + round(abs(qty * cast(price as decimal(19, 6))), 2) as decimal(19, 2))
            -- Most are so, and need no rounding.
            when qty * cast(price as decimal(19, 6)) = amount then cast(0 as decimal(19, 2))
            else cast(amount - round(qty * cast(price as decimal(19, 6)), 2) as decimal(19, 2))
        end as residual,
        cast(coalesce(kit_price, case when is_sum then abs(amount) end, price) as decimal(22, 6)) as price_billed,
        -- A kit's price is the sum billed, for as many kits as were billed.
        cast(
            case
                when kits is not null then cast(kits as bigint) * shares
                when is_sum then cast(round(abs(qty), 0) as bigint) * shares
                else shares
            end
            as bigint
        ) as price_shares
    from told
)

select
    invoice_id,
    line_no,
    supplier_id,
    facility_id,
    order_facility_id,
    invoice_date,
    currency,
    is_paid,
    item_id,
    uom,
    po_id,
    po_line_no,
    group_no,
    match_group,
    identity_tier,
    (
        is_substitute
        and identity_tier in ('T1', 'T4')
        and (item_id is distinct from order_item_id)
    ) as is_substitute,
    match_type,
    match_basis,
    code,
    is_credit,
    order_date > invoice_date as is_before_order,
    adj_kind,
    ref_invoice_id,
    case when match_type = 'BILL_ONLY' then lot else cites end as cites,
    match_type = 'BILL_ONLY' and lot is not null as is_lot_bound,
    amount_billed as amount,
    price_billed as price,
    price_shares,
    case
        when match_basis = 'AMOUNT' then true
        when price_shares = order_price_shares then price_billed = order_price
        else
            cast(price_billed as decimal(38, 6)) * order_price_shares
            = cast(order_price as decimal(38, 6)) * price_shares
    end as is_order_price,
    residual,
    qty as qty_billed,
    ordered,
    cast(scale as bigint) as scale,
    case
        when match_basis = 'AMOUNT' then cast(abs(amount_billed - residual) as decimal(38, 6))
        else cast(abs(cast(coalesce(kits, qty) as decimal(38, 6))) * shares as decimal(38, 6))
    end as measure
from measured
