-- The tables of one night, as views over the number of an order line; see documents.py.
--
-- variable  lines  BIGINT, how many order lines
create temp view line as
select
    n,
    n // 5 as o,
    n % 5 + 1 as l,
    'PO' || lpad(cast(n // 5 as varchar), 9, '0') as po_id,
    'S' || lpad(cast(hash(n // 5) % 4000 as varchar), 5, '0') as supplier_id,
    'F' || lpad(cast(hash(n // 5 + 7) % 12 as varchar), 2, '0') as facility_id,
    date '2026-01-01' + cast(hash(n // 5 + 13) % 60 as integer) as order_date,
    hash(n // 5) % 4000 * 15 + hash(n + 3) % 15 as i,
    'I' || lpad(cast(i as varchar), 6, '0') as item_id,
    cast(1 + hash(n + 5) % 40 as decimal(18, 6)) as qty,
    cast(cast(25 + hash(i) % 90000 as bigint) * 0.01 as decimal(18, 6)) as price,
    hash(n + 17) % 100 < 30 and 1 + hash(n + 5) % 40 > 1 as in_two_receipts,
    hash(n + 19) % 100 < 20 and 1 + hash(n + 5) % 40 > 1 as on_two_invoices,
    hash(n + 23) % 100 as oddity
from range(getvariable('lines')) as t (n);

create temp view billed as
select
    * exclude (qty, price),
    cast(case when oddity = 3 then billed / 10 else billed end as decimal(18, 6)) as qty,
    case when oddity = 3 then 'BX' else 'EA' end as uom,
    cast(case when oddity = 3 then price * 10 when oddity = 4 then price + 3 else price end as decimal(18, 6)) as price,
    cast(round(cast(billed as decimal(38, 6)) * case when oddity = 4 then price + 3 else price end, 2) as decimal(18, 2)) as amount
from (
    select
        line.*,
        part,
        case
            when not on_two_invoices then qty + case when oddity = 2 then 5 else 0 end
            when part = 1 then floor(qty / 2)
            else qty - floor(qty / 2) + case when oddity = 2 then 5 else 0 end
        end as billed
    from line, (values (1), (2)) as p (part)
    where part = 1 or on_two_invoices
);

create temp view purchase_order as
select po_id, 'N' || po_id as po_number, supplier_id, facility_id, order_date, 'STANDARD' as type,
    'OPEN' as status, 'USD' as currency, 'N30' as terms_id, 'ALLOWED' as freight_terms
from line where l = 1;

create temp view purchase_order_line as
select po_id, cast(l as varchar) as line_no, item_id, 'C-' || item_id as catalog_no, qty, 'EA' as uom, price
from line;

create temp view receipt_line as
select 'R' || lpad(cast(o as varchar), 9, '0') || '-' || part as receipt_id, cast(l as varchar) as line_no,
    po_id, cast(l as varchar) as po_line_no, 'RECEIPT' as kind,
    order_date + cast(3 + 4 * part as integer) as receipt_date,
    cast(case
        when not in_two_receipts then qty + case when oddity = 2 then 5 else 0 end
        when part = 1 then floor(qty / 2)
        else qty - floor(qty / 2) + case when oddity = 2 then 5 else 0 end
    end as decimal(18, 6)) as qty,
    'EA' as uom, 'SLIP' || o || '-' || part as packing_slip
from line, (values (1), (2)) as p (part)
where oddity <> 1 and (part = 1 or in_two_receipts)
order by n, part;

create temp view invoice as
select 'V' || lpad(cast(o as varchar), 9, '0') || '-' || part as invoice_id, any_value(supplier_id) as supplier_id,
    any_value(facility_id) as facility_id, 'A' || o || '/' || part as invoice_number, 'INVOICE' as doc_type,
    any_value(order_date) + cast(10 + 5 * part as integer) as invoice_date, 'USD' as currency,
    cast(sum(amount) as decimal(18, 2)) as total, 'N' || any_value(po_id) as po_number_raw,
    'OPEN' as status
from billed group by o, part order by o, part;

create temp view invoice_line as
select 'V' || lpad(cast(o as varchar), 9, '0') || '-' || part as invoice_id, cast(l as integer) as line_no,
    'ITEM' as line_type, cast(l as varchar) as po_line_raw, 'C-' || item_id as catalog_no, item_id,
    qty, uom, price, amount
from billed order by o, part, l;

create temp view supplier as
select 'S' || lpad(cast(n as varchar), 5, '0') as supplier_id, 'Supplier ' || n as name, 'USD' as currency
from range(4000) as t (n);

create temp view item as
select 'I' || lpad(cast(n as varchar), 6, '0') as item_id, 'Item ' || n as description,
    'CAT' || n % 40 as category, 'EA' as base_uom, n % 3 = 0 as contract_flag
from range(60000) as t (n);

create temp view item_uom as
select 'I' || lpad(cast(n as varchar), 6, '0') as item_id, uom,
    cast(case when uom = 'EA' then 1 else 10 end as bigint) as to_base_num, cast(1 as bigint) as to_base_den
from range(60000) as t (n), (values ('EA'), ('BX')) as u (uom);

create temp view contract_price as
select 'K' || lpad(cast(n as varchar), 6, '0') as contract_id, 'I' || lpad(cast(n as varchar), 6, '0') as item_id,
    '*' as facility_scope, 'STANDARD' as tier, date '2025-01-01' as valid_from,
    'S' || lpad(cast(n // 15 as varchar), 5, '0') as supplier_id, 'EA' as uom,
    cast(cast(25 + hash(cast(n as ubigint)) % 90000 as bigint) * 0.01 as decimal(18, 6)) as price, 'ACTIVE' as status
from range(60000) as t (n) where n % 3 = 0;
