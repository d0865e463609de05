export { regexProblem } from "../../istio/re2-syntax";
