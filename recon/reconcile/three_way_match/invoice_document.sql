-- invoice_document: invoices and credits up to the business date, with what duplicates are told by.
--
-- grain     invoice_id
-- reads     invoice, invoice_line, supplier, purchase_order
-- params    $as_of  DATE, later documents are not seen
-- money     total as stated
-- rule      Voided documents are not seen (specification 1.2 step 0). `number_norm` is the number as duplicates compare
--           it: capitals, letters and digits only, without the words INV or INVOICE before it and without leading
--           zeros; a number in which no letter of A to Z and no digit stands is compared as it is written. `has_minus`:
--           one of its lines is below zero. `po_set` names the orders: one of a number that several hospitals have,
--           with the hospital billed.
--           `is_paid`: posted or paid, so that it takes its receipts before open documents; `is_settled`: its money is
--           gone. (Specification 1.2 steps 2 and 5.)
with numbered as (
    select
        invoice.*,
        coalesce(
            nullif(regexp_replace(upper(invoice.invoice_number), '[^A-Z0-9]', '', 'g'), ''),
            upper(trim(invoice.invoice_number))
        ) as plain
    from invoice
    where invoice.invoice_date <= $as_of and coalesce(invoice.status, 'OPEN') <> 'VOID'
),

-- Most documents name their order once, in the header: it is that of every line without one.
unnumbered as (
    select numbered.*
    from numbered
    where
        numbered.invoice_id in (
            select invoice_id
            from invoice_line
            where nullif(trim(po_number_raw), '') is null
        )
),

ordered_on as (
    select
        numbered.invoice_id,
        upper(trim(line.po_number_raw)) as po_number
    from numbered
    inner join invoice_line as line on numbered.invoice_id = line.invoice_id
    where nullif(trim(line.po_number_raw), '') is not null
    union
    select
        invoice_id,
        upper(trim(po_number_raw)) as po_number
    from unnumbered
    where nullif(trim(po_number_raw), '') is not null
),

named as (
    select
        invoice_id,
        count(*) as orders,
        min(po_number) as po_number
    from ordered_on
    group by invoice_id
),

-- Putting a text together of one number is most of the cost: few documents have several.
listed as (
    select
        named.invoice_id,
        string_agg(ordered_on.po_number, ' ' order by ordered_on.po_number) as po_set
    from named
    inner join ordered_on on named.invoice_id = ordered_on.invoice_id
    where named.orders > 1
    group by named.invoice_id
),

-- Each hospital counts its orders from 1: one number is then several orders of a supplier.
at_several as (
    select upper(trim(po_number)) as po_number
    from purchase_order
    where order_date <= $as_of
    group by upper(trim(po_number))
    having min(facility_id) <> max(facility_id)
),

several as (
    select
        at_several.po_number,
        coalesce(supplier.parent_supplier_id, header.supplier_id) as supplier_group
    from at_several
    inner join purchase_order as header on at_several.po_number = upper(trim(header.po_number))
    left join supplier on header.supplier_id = supplier.supplier_id
    where header.order_date <= $as_of
    group by at_several.po_number, coalesce(supplier.parent_supplier_id, header.supplier_id)
    having min(header.facility_id) <> max(header.facility_id)
),

taking_back as (
    select invoice_id
    from invoice_line
    where qty < 0 or amount < 0
    group by invoice_id
)

select
    numbered.invoice_id,
    numbered.supplier_id,
    coalesce(supplier.parent_supplier_id, numbered.supplier_id) as supplier_group,
    numbered.facility_id,
    numbered.invoice_number,
    coalesce(
        nullif(ltrim(regexp_replace(numbered.plain, '^(INVOICE|INV)', '', 'g'), '0'), ''),
        numbered.plain
    ) as number_norm,
    coalesce(numbered.doc_type, 'INVOICE') as doc_type,
    taking_back.invoice_id is not null as has_minus,
    numbered.invoice_date,
    coalesce(numbered.received_date, numbered.invoice_date) as received_date,
    coalesce(numbered.currency, supplier.currency, 'USD') as currency,
    numbered.total,
    upper(trim(nullif(trim(numbered.po_number_raw), ''))) as po_number,
    case when named.orders = 1 then named.po_number end as only_po_number,
    coalesce(listed.po_set, named.po_number, '')
    || case
        when several.po_number is not null then ' of ' || coalesce(numbered.facility_id, '')
        else ''
    end as po_set,
    numbered.disc_pct,
    numbered.disc_days,
    coalesce(numbered.status, 'OPEN') in ('POSTED', 'PAID') as is_paid,
    coalesce(numbered.status, 'OPEN') = 'PAID' as is_settled,
    coalesce(supplier.po_required, true) as po_required
from numbered
left join supplier on numbered.supplier_id = supplier.supplier_id
left join named on numbered.invoice_id = named.invoice_id
left join listed on numbered.invoice_id = listed.invoice_id
left join several
    on
        named.orders = 1
        and named.po_number = several.po_number
        and several.supplier_group = coalesce(supplier.parent_supplier_id, numbered.supplier_id)
left join taking_back on numbered.invoice_id = taking_back.invoice_id
