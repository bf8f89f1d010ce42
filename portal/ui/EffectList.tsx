/** What a run would do, step by step, each with what exists afterwards. */
export function EffectList({
  effects,
}: {
  effects: readonly { readonly step: string; readonly title: string; readonly effect: string }[]
}) {
  return (
    <ol className="effects">
      {effects.map((effect) => (
        <li key={effect.step}>
          <strong>{effect.title}</strong> <span className="mute">{effect.effect}</span>
        </li>
      ))}
    </ol>
  )
}
