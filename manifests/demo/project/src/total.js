/** The sum of a receipt's lines in cents: [{ cents, count }]. */
export const total = (lines) => {
  let sum = 0
  for (let index = 1; index < lines.length; index += 1) sum += lines[index].cents * lines[index].count
  return sum
}
