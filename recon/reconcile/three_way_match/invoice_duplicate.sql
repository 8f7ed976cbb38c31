-- invoice_duplicate: documents that look like one we already have, with the one they look like.
--
-- grain     invoice_id
-- reads     invoice_document, advised
-- params    none
-- money     totals compared as stated
-- rule      A copy must not take the receipts of the first, so that duplicates are found before anything is matched.
--           Only documents of one supplier group and one type are compared.
--           DUP_EXACT: same number, same total, within 365 days. DUP_PROBABLE: same total and same orders within 90
--           days, and the numbers differ as typing or scanning makes them differ: letters read for digits, a short
--           suffix, two neighbours swapped. DUP_POSSIBLE: same total, orders and date. INV_NUMBER_REUSED: same number
--           and nothing of the above.
--           The survivor, which is matched as ever, is the paid one, else the one whose number a remittance has paid,
--           else the earliest by date and id: a copy dated before it would be paid again. (Specification 1.2 step 2;
--           1.8 invariant 8.)
with paid_number as (
    select
        supplier_group,
        number_norm
    from advised
    group by supplier_group, number_norm
    having sum(amount_paid) > 0
),

document as (
    select
        document.invoice_id,
        document.supplier_group,
        document.doc_type,
        document.currency,
        document.number_norm,
        document.invoice_date,
        document.total,
        document.po_set,
        -- Paid first, then paid by a remittance, then by date and id, as one text.
        case
            when document.is_paid then '0'
            when paid_number.number_norm is not null and document.doc_type = 'INVOICE' then '1'
            else '2'
        end || cast(document.invoice_date as varchar) || document.invoice_id as place
    from invoice_document as document
    left join paid_number
        on
            document.supplier_group = paid_number.supplier_group
            and document.number_norm = paid_number.number_norm
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
        or (
            left(later.number_norm, length(earlier.number_norm)) = earlier.number_norm
            and regexp_matches(
                substr(later.number_norm, length(earlier.number_norm) + 1), '^([A-Z]{1,2}|R[0-9]+|DUP|COPY)$'
            )
        )
        or (
            left(earlier.number_norm, length(later.number_norm)) = later.number_norm
            and regexp_matches(
                substr(earlier.number_norm, length(later.number_norm) + 1), '^([A-Z]{1,2}|R[0-9]+|DUP|COPY)$'
            )
        ) as is_variant,
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
