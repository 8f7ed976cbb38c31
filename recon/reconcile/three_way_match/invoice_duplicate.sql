-- invoice_duplicate: documents that look like one we already have, with the one they look like.
--
-- grain     invoice_id
-- reads     invoice_document
-- params    none
-- money     totals compared as stated
-- rule      A copy must not take the receipts of the first, so that duplicates are found before anything is matched.
--           Only documents of one supplier group and one type are compared.
--           DUP_EXACT: same number, same total, within 365 days. DUP_PROBABLE: same total and same orders within 90
--           days, and the numbers differ as typing or scanning makes them differ: letters read for digits, a short
--           suffix, two neighbours swapped. DUP_POSSIBLE: same total, orders and date. INV_NUMBER_REUSED: same number
--           and nothing of the above.
--           The survivor, which is matched as ever, is the paid one, else the earliest by date and id. (Specification
--           1.2 step 2.)
with document as (
    select
        invoice_id,
        supplier_group,
        doc_type,
        currency,
        number_norm,
        invoice_date,
        total,
        po_set,
        -- Paid first, then by date and id, as one text.
        case when is_paid then '0' else '1' end || cast(invoice_date as varchar) || invoice_id as place
    from invoice_document
),

same_total as (
    select
        later.invoice_id,
        earlier.invoice_id as original_id,
        earlier.place,
        later.number_norm,
        earlier.number_norm as original_norm,
        later.number_norm = earlier.number_norm as is_same_number,
        later.po_set = earlier.po_set as is_same_orders,
        later.invoice_date = earlier.invoice_date as is_same_day,
        ltrim(translate(later.number_norm, 'OILSBZ', '011582'), '0')
        = ltrim(translate(earlier.number_norm, 'OILSBZ', '011582'), '0')
        or regexp_replace(later.number_norm, '([A-Z]{1,2}|R[0-9]+|DUP|COPY)$', '', 'g') = earlier.number_norm
        or regexp_replace(earlier.number_norm, '([A-Z]{1,2}|R[0-9]+|DUP|COPY)$', '', 'g') = later.number_norm
        or regexp_replace(later.number_norm, '[A-Z]$', '', 'g') = earlier.number_norm
        or regexp_replace(earlier.number_norm, '[A-Z]$', '', 'g') = later.number_norm as is_variant,
        abs(date_diff('day', earlier.invoice_date, later.invoice_date)) as days_apart
    from document as later
    inner join document as earlier
        on
            later.supplier_group = earlier.supplier_group
            and later.doc_type = earlier.doc_type
            and later.currency = earlier.currency
            and later.total = earlier.total
            and later.place > earlier.place
    where
        later.number_norm = earlier.number_norm
        or abs(date_diff('day', earlier.invoice_date, later.invoice_date)) <= 90
),

-- Two neighbouring characters swapped: equal before, crossed, equal after.
swapped as (
    select distinct
        pair.invoice_id,
        pair.original_id
    from same_total as pair
    inner join (select unnest(range(1, 40)) as i) as spot on spot.i < length(pair.number_norm)
    where
        length(pair.number_norm) >= 5
        and length(pair.number_norm) = length(pair.original_norm)
        and pair.number_norm <> pair.original_norm
        and substr(pair.number_norm, 1, spot.i - 1) = substr(pair.original_norm, 1, spot.i - 1)
        and substr(pair.number_norm, spot.i, 1) = substr(pair.original_norm, spot.i + 1, 1)
        and substr(pair.number_norm, spot.i + 1, 1) = substr(pair.original_norm, spot.i, 1)
        and substr(pair.number_norm, spot.i + 2) = substr(pair.original_norm, spot.i + 2)
),

judged as (
    select
        pair.invoice_id,
        pair.original_id,
        pair.place,
        case
            when pair.is_same_number and pair.days_apart <= 365 then 'DUP_EXACT'
            when pair.is_same_number then 'INV_NUMBER_REUSED'
            when
                pair.is_same_orders
                and pair.days_apart <= 90
                and (pair.is_variant or swapped.invoice_id is not null) then 'DUP_PROBABLE'
            when pair.is_same_orders and pair.is_same_day then 'DUP_POSSIBLE'
        end as code
    from same_total as pair
    left join swapped on pair.invoice_id = swapped.invoice_id and pair.original_id = swapped.original_id
),

reused as (
    select
        later.invoice_id,
        earlier.invoice_id as original_id,
        earlier.place,
        'INV_NUMBER_REUSED' as code
    from document as later
    inner join document as earlier
        on
            later.supplier_group = earlier.supplier_group
            and later.doc_type = earlier.doc_type
            and later.number_norm = earlier.number_norm
            and later.place > earlier.place
    where later.total <> earlier.total or later.currency <> earlier.currency
),

verdict as (
    select
        invoice_id,
        original_id,
        place,
        code
    from judged
    where code is not null
    union all
    select
        invoice_id,
        original_id,
        place,
        code
    from reused
),

-- The strongest verdict per document; against its earliest original.
ranked as (
    select
        invoice_id,
        original_id,
        code,
        row_number() over (
            partition by invoice_id
            order by
                case code
                    when 'DUP_EXACT' then 1
                    when 'DUP_PROBABLE' then 2
                    when 'DUP_POSSIBLE' then 3
                    else 4
                end,
                place,
                original_id,
                code
        ) as strength
    from verdict
)

select
    invoice_id,
    original_id,
    code,
    code in ('DUP_EXACT', 'DUP_PROBABLE') as is_duplicate
from ranked
where strength = 1
