-- division: compare by cross-multiplication
select invoice_id from invoice_line where amount / qty > price;
-- division: divide whole numbers
select invoice_id from invoice_line where qty // price = 1;
-- average: keep sum and count
select invoice_id from invoice_line group by invoice_id having avg(amount) > 5;
-- binary fraction: cast to a DECIMAL
select invoice_id from invoice_line where amount > cast(1 as double);
-- binary fraction: cast to a DECIMAL
select invoice_id from invoice_line where amount > 1e3;
-- window without order: say the order
select cast(row_number() over (partition by invoice_id) as integer) as n from invoice_line;
-- window without frame: write rows between
select cast(sum(amount) over (partition by invoice_id order by line_no) as decimal(38, 2)) as s
from invoice_line;
-- window without frame: write rows between
select max(amount) over (
    partition by invoice_id order by line_no range between unbounded preceding and current row
) as s from invoice_line;
-- window whose rows tie: no two are alike
select cast(row_number() over (partition by supplier_id order by invoice_date) as integer) as n
from invoice;
-- window whose rows tie: no two are alike
select cast(sum(amount) over (
    partition by invoice_id order by amount rows between unbounded preceding and current row
) as decimal(38, 2)) as s from invoice_line;
-- window whose rows tie: no two are alike
select cast(row_number() over (order by invoice.invoice_id) as integer) as n
from invoice
inner join invoice_line as line on invoice.invoice_id = line.invoice_id;
-- window whose rows tie: no two are alike
with a as (
    select invoice_id, min(invoice_date) as d from invoice_line inner join invoice using (invoice_id)
    group by invoice_id, line_no
)
select cast(row_number() over (order by invoice_id) as integer) as n from a;
-- window whose rows tie: no two are alike
with a as (
    select 'I' as kind, invoice_id as id, invoice_date as d from invoice
    union all
    select 'I' as kind, po_id as id, order_date as d from purchase_order
)
select cast(row_number() over (order by id) as integer) as n from a where kind = 'I';
-- unstated null order: nulls last
select cast(row_number() over (order by received_date, invoice_id) as integer) as n from invoice;
-- unstated null order: nulls last
select cast(row_number() over (order by received_date desc, invoice_id) as integer) as n
from invoice;
-- unstated null order: nulls last
select cast(rank() over (order by line.line_no) as integer) as n
from invoice
left join invoice_line as line on invoice.invoice_id = line.invoice_id;
-- unstated null order: nulls last
select string_agg(lot, ' ' order by lot) as lots from invoice_line;
-- qualify: where place = 1
select invoice_id from invoice_line
qualify row_number() over (partition by invoice_id order by line_no) = 1;
-- table function: a SELECT of its own
select spot.i from range(1, 40) as spot (i);
-- table function: a SELECT of its own
select invoice_id from invoice inner join unnest(range(1, 9)) as spot (i) on spot.i = 1;
-- ordered list: string_agg
select list(line_no order by line_no) as l from invoice_line;
-- ordered list: string_agg
select len(array_agg(line_no)) as l from invoice_line;
-- any one of many: min or max
select any_value(item_id) as i from invoice_line;
-- any one of many: min or max
select first(item_id order by line_no) as i from invoice_line;
-- nested result: one row for each element
select string_split(lot, '/') as l from invoice_line;
-- nested result: one column for each field
select {'a': line_no} as l from invoice_line;
-- text read as a value: canonical layer
select cast(po_line_raw as integer) as n from invoice_line;
-- text read as a value: canonical layer
select try_cast(lot as date) as d from invoice_line;
-- rounding by a cast: round it first
select cast(qty as integer) as n from invoice_line;
-- rounding by a cast: round it first
select cast(cast(qty as decimal(19, 6)) * 1000 as hugeint) as n from invoice_line;
-- mixed types: cast one side
select invoice_id from invoice_line where line_no = po_line_raw;
-- mixed types: cast one side
select invoice_id from invoice where invoice_date > '2026-01-01';
-- mixed types: cast one side
select invoice_id from invoice_line where qty in ('1', '2');
-- mixed types: cast one side
select coalesce(received_date, '2026-01-01') as d from invoice;
-- mixed types: cast one side
select case when received_date is null then '2026-01-01' else received_date end as d from invoice;
-- mixed types: as varchar
select invoice_id || line_no as n from invoice_line;
-- more than 38 digits: cast both sides
select invoice_id from invoice_line where cast(qty as decimal(38, 6)) < cast(line_no as hugeint);
-- product that is cut: Spark keeps 6 of 12 decimals
select cast(cast(qty as decimal(38, 6)) * price as decimal(38, 6)) as n from invoice_line;
-- product that is cut: Spark keeps 6 of 10 decimals
select cast(cast(qty as decimal(38, 10)) + cast(qty as decimal(38, 4)) as decimal(38, 6)) as n
from invoice_line;
-- product that is cut: an overflow of 18 digits
select cast(price * 1000000 as hugeint) as n from invoice_line;
-- days between dates: date_diff('day', earlier, later)
select cast(received_date - invoice_date as integer) as n from invoice;
-- days between dates: count days
select cast(date_diff('month', invoice_date, received_date) as integer) as n from invoice;
-- days between dates: calendar table
select extract(dow from invoice_date) as n from invoice;
-- replacing the first only: end it with 'g'
select regexp_replace(lot, '[^0-9]', '') as l from invoice_line;
-- engine hash: md5 or sha256
select md5(cast(hash(invoice_id) as varchar)) as k from invoice;
-- edge without a type: cast it where it leaves
select sum(amount) as n from invoice_line;
-- edge without a type: cast it where it leaves
select coalesce(qty, 0) as n from invoice_line;
-- edge without a type: cast it where it leaves
with a as (select invoice_id, sum(amount) as n from invoice_line group by invoice_id)
select n from a;
