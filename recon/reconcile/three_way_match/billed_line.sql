-- billed_line: invoice lines with their document, their item, their unit and their order number.
--
-- grain     invoice_id, line_no
-- reads     stated_line, invoice_document, invoice_duplicate, item_xref, packaging_code
-- params    none
-- money     amount as stated; a missing price is the amount over the quantity, to six decimals
-- rule      The item is the one printed, else the one that the supplier's catalogue number, or a GTIN or HIBC, stands
--           for; the unit is the one printed, else the one meant by that number.
--           A credit without an order number takes that of the invoice it refers to, and so the hospital: two may have
--           orders of one number. A credit that says nothing of goods is about the one line of the invoice it names.
--           Without any order number: an invoice of a supplier that needs no order is routed to approval whole, with
--           what lowers it, and so is the credit memo that names it. Of others the invoice has no order (NO_PO), and a
--           credit memo without order or invoice awaits its link. So does one that names a copy: a copy bills nothing,
--           and its credit takes nothing from the first. (Specification 1.1, item_xref; 1.2 step 3; 1.4.)
-- A catalogue number is looked up where no item or no unit is printed.
with catalogued as (
    select
        invoice_id,
        line_no,
        supplier_id,
        invoice_date,
        item_printed,
        ltrim(regexp_replace(upper(catalog_no), '[^A-Z0-9]', '', 'g'), '0') as catalog_norm
    from stated_line
    where catalog_no is not null and (item_printed is null or uom is null)
),

-- It may have changed hands: the newest row in force on the invoice's date.
listed as (
    select
        line.invoice_id,
        line.line_no,
        xref.item_id,
        xref.uom_default,
        row_number() over (
            partition by line.invoice_id, line.line_no
            order by xref.valid_from desc, xref.item_id
        ) as place
    from catalogued as line
    inner join item_xref as xref
        on
            line.supplier_id = xref.supplier_id
            and line.catalog_norm = xref.catalog_no_norm
            and xref.valid_from <= line.invoice_date
    where line.catalog_norm <> ''
),

packaged as (
    select
        line.invoice_id,
        line.line_no,
        packaging.item_id,
        packaging.uom
    from catalogued as line
    inner join packaging_code as packaging
        on
            line.catalog_norm = packaging.code
            and coalesce(line.item_printed, packaging.item_id) = packaging.item_id
),

-- The invoice a credit memo's line refers to: the same supplier's, by number. Of several the one of the
-- order that the credit is about, then one that was there before it, then the newest. A copy is meant only
-- where nothing else bears the number.
referred as (
    select
        stated.invoice_id,
        stated.line_no,
        original.invoice_id as ref_invoice_id,
        original.facility_id as ref_facility_id,
        coalesce(original.po_number, original.only_po_number) as ref_po_number,
        original.po_set = '' as is_outside_orders,
        duplicate.invoice_id is not null as is_copy,
        row_number() over (
            partition by stated.invoice_id, stated.line_no
            order by
                case when duplicate.invoice_id is null then 0 else 1 end,
                case
                    when stated.po_number in (original.po_number, original.only_po_number) then 0 else 1
                end,
                case when original.invoice_date <= stated.invoice_date then 0 else 1 end,
                original.invoice_date desc,
                original.invoice_id
        ) as place
    from stated_line as stated
    inner join invoice_document as original
        on
            stated.supplier_group = original.supplier_group
            and original.doc_type = 'INVOICE'
            and original.invoice_id <> stated.invoice_id
            and (
                stated.ref_invoice_number = original.invoice_id
                or coalesce(
                    nullif(
                        ltrim(
                            regexp_replace(
                                regexp_replace(upper(stated.ref_invoice_number), '[^A-Z0-9]', '', 'g'),
                                '^(INVOICE|INV)', '', 'g'
                            ),
                            '0'
                        ),
                        ''
                    ),
                    upper(trim(stated.ref_invoice_number))
                ) = original.number_norm
            )
    left join invoice_duplicate as duplicate
        on original.invoice_id = duplicate.invoice_id and duplicate.is_duplicate
    where
        (stated.is_credit or stated.doc_type = 'CREDIT')
        and stated.ref_invoice_number is not null
),

-- What an invoice is about that bills one line of goods: a credit that names no goods is about those.
only_line as (
    select
        stated.invoice_id,
        min(stated.line_no_norm) as line_no_norm,
        min(stated.catalog_no) as catalog_no,
        min(coalesce(stated.item_printed, listed.item_id, packaged.item_id)) as item_id
    from (
        select distinct ref_invoice_id
        from referred
        where place = 1
    ) as named
    inner join stated_line as stated on named.ref_invoice_id = stated.invoice_id
    left join listed
        on stated.invoice_id = listed.invoice_id and stated.line_no = listed.line_no and listed.place = 1
    left join packaged on stated.invoice_id = packaged.invoice_id and stated.line_no = packaged.line_no
    where stated.line_type = 'ITEM'
    group by stated.invoice_id
    having count(*) = 1
)

select
    stated.invoice_id,
    stated.line_no,
    stated.supplier_id,
    stated.supplier_group,
    coalesce(stated.facility_id, referred.ref_facility_id) as facility_id,
    stated.invoice_date,
    stated.currency,
    stated.is_paid,
    stated.doc_type,
    stated.is_duplicate,
    stated.line_type,
    coalesce(stated.po_number, referred.ref_po_number) as po_number,
    case
        when stated.is_credit and referred.is_copy then 'CREDIT_UNLINKED'
        when coalesce(stated.po_number, referred.ref_po_number) is not null then null
        when
            not stated.po_required
            and (stated.doc_type = 'INVOICE' or coalesce(referred.is_outside_orders, false)) then 'NON_PO_ROUTED'
        when stated.is_credit then 'CREDIT_UNLINKED'
        else 'NO_PO'
    end as no_order_code,
    coalesce(stated.line_no_norm, only_line.line_no_norm) as line_no_norm,
    coalesce(stated.catalog_no, only_line.catalog_no) as catalog_no,
    stated.item_printed,
    coalesce(stated.item_printed, listed.item_id, packaged.item_id, only_line.item_id) as item_id,
    coalesce(stated.qty, cast(0 as decimal(18, 6))) as qty,
    coalesce(stated.uom, listed.uom_default, packaged.uom) as uom,
    coalesce(
        stated.price_printed,
        case
            when coalesce(stated.qty, 0) <> 0
                then
                    cast(
                        cast(
                            (
                                cast(cast(abs(stated.amount) as decimal(19, 2)) * 100 as hugeint)
                                * cast(1000000000000 as hugeint)
                                + cast(cast(abs(stated.qty) as decimal(19, 6)) * 1000000 as hugeint) * 50
                            ) // (cast(cast(abs(stated.qty) as decimal(19, 6)) * 1000000 as hugeint) * 100)
                            as decimal(24, 0)
                        ) * 0.000001
                        as decimal(19, 6)
                    )
        end,
        cast(0 as decimal(19, 6))
    ) as price,
    stated.price_printed is not null as has_price,
    stated.amount,
    stated.lot,
    stated.cites,
    referred.ref_invoice_id,
    stated.adj_kind,
    stated.is_credit
from stated_line as stated
left join listed
    on stated.invoice_id = listed.invoice_id and stated.line_no = listed.line_no and listed.place = 1
left join packaged on stated.invoice_id = packaged.invoice_id and stated.line_no = packaged.line_no
left join referred
    on stated.invoice_id = referred.invoice_id and stated.line_no = referred.line_no and referred.place = 1
left join only_line
    on
        referred.ref_invoice_id = only_line.invoice_id
        and stated.line_type = 'ITEM'
        and stated.line_no_norm is null
        and stated.catalog_no is null
        and stated.item_printed is null
