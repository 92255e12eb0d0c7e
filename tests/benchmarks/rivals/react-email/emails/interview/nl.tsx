import { Interview } from "../../components/interview";
import content from "../../content/nl.json";

export default function Email() {
  return <Interview {...content} />;
}
