// A field of a form, with its label, its hint, and what is wrong with it.

interface Props {
  id: string;
  name: string;
  hint?: string;
  value: string;
  error?: string | undefined;
  onChange: (value: string) => void;
  required?: boolean;
  autofocus?: boolean;
  numeric?: boolean;
  lines?: boolean;
  mono?: boolean;
  type?: string;
  autocomplete?: string;
  choices?: [string, string][];
}

export function Field(props: Props) {
  const { id, name, hint, value, error, onChange, required, autofocus, choices } = props;
  const about = error ? `${id}-wrong` : hint ? `${id}-hint` : undefined;
  const common = {
    id, value, required, autofocus,
    class: props.mono ? "mono" : "",
    "aria-invalid": error !== undefined,
    "aria-describedby": about,
    onInput: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  return (
    <div class={`field ${error ? "bad" : ""}`}>
      <label for={id}>{name}</label>
      {choices ? (
        <select {...common}>{choices.map(([word, text]) => <option key={word} value={word}>{text}</option>)}</select>
      ) : props.lines ? (
        <textarea {...common} rows={2} spellcheck={false} />
      ) : (
        <input {...common} type={props.type ?? "text"} inputMode={props.numeric ? "numeric" : undefined}
          autocomplete={props.autocomplete ?? "off"} autocapitalize="off" spellcheck={false} />
      )}
      {error ? <p class="wrong" id={`${id}-wrong`} role="alert">{error}</p>
        : hint ? <p class="hint" id={`${id}-hint`}>{hint}</p> : null}
    </div>
  );
}
