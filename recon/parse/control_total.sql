-- control_total: the sum of one column over the records of one file.
--
-- grain     one row
-- reads     amount
-- params    none
-- money     DECIMAL; the sum of 18 digits is kept in 38
-- rule      a column without any value sums to 0
select coalesce(sum(value), 0) as total
from amount
