import { Interview } from "../../components/interview";
import content from "../../content/fr.json";

export default function Email() {
  return <Interview {...content} />;
}
