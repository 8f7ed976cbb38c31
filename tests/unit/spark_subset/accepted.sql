-- cross-multiplication
select invoice_id from invoice_line
where cast(amount as decimal(19, 2)) * 100 > cast(qty as decimal(19, 6)) * 5;
-- quantities as whole millionths
select cast(cast(cast(qty as decimal(19, 6)) * 1000000 as hugeint) // 12 as bigint) as n
from invoice_line;
-- a product that both hold
select cast(cast(qty as decimal(19, 6)) * price as decimal(38, 12)) as n from invoice_line;
-- a number rounded first
select cast(round(qty, 0) as integer) as n from invoice_line;
-- a running sum in the order of a key
select cast(sum(amount) over (
    partition by invoice_id order by line_no rows between unbounded preceding and current row
) as decimal(38, 2)) as s from invoice_line;
-- a stated place for NULL
select cast(row_number() over (order by received_date nulls first, invoice_id) as integer) as n
from invoice;
-- no NULL to place
select cast(row_number() over (
    order by coalesce(received_date, invoice_date), invoice_id
) as integer) as n from invoice;
-- a NULL that a condition has sorted out
select cast(row_number() over (order by received_date, invoice_id) as integer) as n
from invoice where received_date is not null;
-- a key that a join with one row each leaves whole
with a as (
    select line.*, invoice.supplier_id
    from invoice_line as line
    inner join invoice on line.invoice_id = invoice.invoice_id
    left join supplier on invoice.supplier_id = supplier.supplier_id
)
select cast(row_number() over (partition by invoice_id order by line_no) as integer) as n from a;
-- a key made by GROUP BY
with a as (select po_number_raw, count(*) as n from invoice group by po_number_raw)
select cast(row_number() over (order by po_number_raw nulls last) as integer) as n from a;
-- a key made by numbering
with a as (
    select supplier_id, row_number() over (partition by supplier_id order by invoice_id) as place
    from invoice
)
select cast(row_number() over (order by supplier_id) as integer) as n from a where place = 1;
-- a key of the parts of a union, each under its own label
with a as (
    select 'I' as kind, invoice_id as id, invoice_date as d from invoice
    union all
    select 'P' as kind, po_id as id, order_date as d from purchase_order
)
select cast(row_number() over (order by id) as integer) as n from a where kind = 'P';
-- a text put together in order
select invoice_id, string_agg(item_id, ' ' order by item_id) as n
from invoice_line where item_id is not null group by invoice_id;
-- every match replaced
select regexp_replace(lot, '[^0-9]', '', 'g') as l from invoice_line where invoice_id = '1' || lot;
-- days
select
    cast(date_diff('day', invoice_date, received_date) as integer) as n,
    invoice_date + 5 as d
from invoice;
-- a list of numbers
select cast(spot.i as bigint) as i from (select unnest(range(1, 40)) as i) as spot;
-- whole numbers of 128 bits
select cast(line_no as hugeint) * 5 as n from invoice_line;
