-- line_candidate: the order lines that an invoice line of goods may be about, from the first tier that yields any.
--
-- grain     invoice_id, line_no, po_id, po_line_no
-- reads     billed_line, order_found, order_line, substitute, item_xref, packaging_code, unit
-- params    none
-- money     unit prices compared by cross-multiplication
-- rule      T1: the order line's number. T2: the item printed on the invoice. T3: a catalogue number, GTIN or HIBC that
--           leads to the item. T4: an item that the supplier acknowledged as a substitute (855, IS). The first tier
--           that finds an order line decides. A line number that leads to another item stays T1, and is judged as
--           ITEM_MISMATCH: the supplier said which line was meant.
--           Most lines have a number that leads to one order line, with nothing else to weigh: they are not here.
--           (Specification 1.2 step 3.)
with told as (
    select
        line.po_id,
        line.line_key
    from order_line as line
    left join substitute on line.po_id = substitute.po_id and line.po_line_no = substitute.po_line_no
    where substitute.po_id is null
),

looking as (
    select
        line.invoice_id,
        line.line_no,
        line.supplier_id,
        line.invoice_date,
        line.currency,
        line.line_no_norm,
        line.item_printed,
        line.item_id,
        nullif(ltrim(regexp_replace(upper(line.catalog_no), '[^A-Z0-9]', '', 'g'), '0'), '') as catalog_norm,
        line.uom,
        -- A price that is not printed is the amount, for all that is billed, as in matched_line.
        not line.has_price and line.qty <> 0 and line.qty = round(line.qty, 0) as is_sum,
        line.price,
        line.amount,
        line.qty,
        found.po_id
    from billed_line as line
    inner join order_found as found
        on
            line.po_number = found.po_number
            and line.supplier_group = found.supplier_group
            and coalesce(line.facility_id, '') = found.facility_id
    left join told on found.po_id = told.po_id and line.line_no_norm = told.line_key
    where
        found.po_id is not null
        and line.line_type = 'ITEM'
        and not line.is_duplicate
        and told.po_id is null
),

numbered as (
    select
        looking.*,
        target.po_line_no,
        target.item_id as order_item_id,
        target.uom as order_uom,
        target.price as order_price,
        target.price_shares,
        target.shares,
        target.has_unit,
        target.status,
        target.currency as order_currency,
        target.match_type || ' ' || target.match_basis || ' ' || target.currency as terms,
        nullif(ltrim(regexp_replace(upper(target.catalog_no), '[^A-Z0-9]', '', 'g'), '0'), '') as order_catalog_norm,
        cast(null as varchar) as catalog_item_id,
        true as is_numbered
    from looking
    inner join order_line as target
        on looking.po_id = target.po_id and looking.line_no_norm = target.line_no_norm
),

-- Where its line number leads nowhere, the item that its catalogue number stands for counts beside the one
-- printed: the newest row in force on the invoice's date, as in billed_line.
astray as (
    select looking.*
    from looking
    left join numbered on looking.invoice_id = numbered.invoice_id and looking.line_no = numbered.line_no
    where numbered.invoice_id is null
),

asked as (
    select distinct
        supplier_id,
        catalog_norm,
        invoice_date
    from astray
    where catalog_norm is not null
),

listed as (
    select
        asked.supplier_id,
        asked.catalog_norm,
        asked.invoice_date,
        xref.item_id,
        row_number() over (
            partition by asked.supplier_id, asked.catalog_norm, asked.invoice_date
            order by xref.valid_from desc, xref.item_id
        ) as place
    from asked
    inner join item_xref as xref
        on
            asked.supplier_id = xref.supplier_id
            and asked.catalog_norm = xref.catalog_no_norm
            and xref.valid_from <= asked.invoice_date
),

-- Then every line of the order is looked at.
unnumbered as (
    select
        astray.*,
        target.po_line_no,
        target.item_id as order_item_id,
        target.uom as order_uom,
        target.price as order_price,
        target.price_shares,
        target.shares,
        target.has_unit,
        target.status,
        target.currency as order_currency,
        target.match_type || ' ' || target.match_basis || ' ' || target.currency as terms,
        nullif(ltrim(regexp_replace(upper(target.catalog_no), '[^A-Z0-9]', '', 'g'), '0'), '') as order_catalog_norm,
        coalesce(listed.item_id, packaging.item_id) as catalog_item_id,
        false as is_numbered
    from astray
    inner join order_line as target on astray.po_id = target.po_id
    left join listed
        on
            astray.supplier_id = listed.supplier_id
            and astray.catalog_norm = listed.catalog_norm
            and astray.invoice_date = listed.invoice_date
            and listed.place = 1
    left join packaging_code as packaging on astray.catalog_norm = packaging.code
),

pair as (
    select * from numbered
    union all
    select * from unnumbered
),

-- Two answers may announce one substitute, by its item and by its catalogue number: it is one.
met as (
    select distinct
        pair.*,
        case
            when pair.is_numbered then 1
            when pair.item_printed = pair.order_item_id then 2
            when
                pair.order_item_id in (pair.item_id, pair.catalog_item_id)
                or pair.catalog_norm = pair.order_catalog_norm then 3
            when substitute.po_id is not null then 4
        end as tier,
        substitute.po_id is not null as is_substitute
    from pair
    left join substitute
        on
            pair.po_id = substitute.po_id
            and pair.po_line_no = substitute.po_line_no
            and (substitute.item_id = pair.item_id or substitute.catalog_norm = pair.catalog_norm)
),

first_tier as (
    select
        invoice_id,
        line_no,
        min(tier) as tier,
        -- A cancelled line is meant only where no live one is.
        min(case when status <> 'CANCELLED' then tier end) as live_tier
    from met
    where tier is not null
    group by invoice_id, line_no
),

chosen as (
    select met.*
    from met
    inner join first_tier on met.invoice_id = first_tier.invoice_id and met.line_no = first_tier.line_no
    where
        met.tier = first_tier.tier
        and (met.status <> 'CANCELLED' or first_tier.live_tier is null or first_tier.live_tier <> first_tier.tier)
)

select
    chosen.invoice_id,
    chosen.line_no,
    chosen.po_id,
    chosen.po_line_no,
    coalesce(chosen.order_item_id, ' ' || chosen.order_catalog_norm, '') as goods,
    chosen.order_uom as uom,
    chosen.order_price as price,
    chosen.price_shares,
    chosen.terms,
    chosen.tier,
    chosen.is_substitute,
    chosen.currency = chosen.order_currency as is_same_currency,
    coalesce(
        cast(
            case
                when chosen.is_sum then abs(chosen.amount)
                -- A credit may print its minus on the price instead of the quantity.
                when chosen.price < 0 and chosen.order_price >= 0 then -chosen.price
                else chosen.price
            end
            as decimal(38, 6)
        )
        * chosen.price_shares
        = cast(chosen.order_price as decimal(38, 6)) * cast(
            case when chosen.is_sum then cast(round(abs(chosen.qty), 0) as bigint) else 1 end
            * coalesce(unit.shares, case when chosen.uom = chosen.order_uom then chosen.shares end)
            as bigint
        ),
        false
    ) as is_same_price
from chosen
left join unit on chosen.has_unit and chosen.order_item_id = unit.item_id and chosen.uom = unit.uom
