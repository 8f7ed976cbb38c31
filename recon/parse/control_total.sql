-- The sum of one column over the records of one file, exact.
-- grain: one row
-- reads: amount (value)
-- money: DECIMAL; the sum of 18 digits is kept in 38
select coalesce(sum(value), 0) as total
from amount
